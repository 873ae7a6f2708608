/**
 * A bundle that cannot be used. The message is one line for the operator: the file, the problem and the remedy.
 */
export class BundleError extends Error {
  override name = 'BundleError';

  constructor(message: string) {
    super(message.replace(/\s+/g, ' ').trim());
  }
}
