/** A model that cannot be exported: weights, config.json or disk. The message is one line and names the place. */
export class ExportError extends Error {
  override name = 'ExportError';
}

/** A weight that float16 cannot hold. In fp32 the model can be exported. */
export class Float16RangeError extends ExportError {
  override name = 'Float16RangeError';
}

/** The disk lacks the room or fails. The model may be right. */
export class DiskError extends ExportError {
  override name = 'DiskError';
}
