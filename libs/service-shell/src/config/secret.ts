import { createHash, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const redacted = '[redacted]';

/**
 * A text that must not be shown. String conversion, JSON, inspection and log fields give `[redacted]`. Only {@link
 * reveal} returns the text.
 */
export interface Secret {
  /** Returns the text. Call it where the value is used, and do not store the result. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
  [inspect.custom](): string;
}

/** Wraps a text. It is kept in a closure, so neither the object's keys nor a structured clone contain it. */
export function createSecret(text: string): Secret {
  const hide = () => redacted;
  return Object.freeze({ reveal: () => text, toString: hide, toJSON: hide, [inspect.custom]: hide });
}

/**
 * Creates a check whether a text is one of these secrets. Secrets are kept and compared as SHA-256, each in constant
 * time, so the duration reveals neither their content nor their length.
 */
export function createSecretCheck(secrets: readonly Secret[]): (candidate: string) => boolean {
  const accepted = secrets.map((secret) => sha256(secret.reveal()));
  return (candidate) => {
    const hash = sha256(candidate);
    return accepted.reduce((found, each) => timingSafeEqual(each, hash) || found, false);
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
