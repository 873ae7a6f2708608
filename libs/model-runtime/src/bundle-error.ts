/**
 * A bundle that cannot be used. The message is one line for the operator: which file, what is wrong with it and what
 * to do.
 */
export class BundleError extends Error {
  override name = 'BundleError';

  constructor(message: string) {
    super(message.replace(/\s+/g, ' ').trim());
  }
}
