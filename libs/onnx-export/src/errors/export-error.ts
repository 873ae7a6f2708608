/** A model that cannot be exported: weights, config.json or disk. The message is one line and names the place. */
export class ExportError extends Error {
  override name = 'ExportError';
}
