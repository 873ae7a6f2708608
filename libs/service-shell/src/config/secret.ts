import { createHash, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const redacted = '[redacted]';

/**
 * A text that must not be shown. Every way a value usually ends up on a screen (string conversion, JSON, inspection,
 * a log field) gives `[redacted]`; only {@link reveal} gives the text.
 */
export interface Secret {
  /** The text itself; call it where the value is used and keep the result nowhere. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
  [inspect.custom](): string;
}

/** Wraps a text. It lives in a closure, so neither the keys of the object nor a structured clone give it away. */
export function createSecret(text: string): Secret {
  const hide = () => redacted;
  return Object.freeze({ reveal: () => text, toString: hide, toJSON: hide, [inspect.custom]: hide });
}

/**
 * A check whether a text is one of these secrets. All of them are kept and compared as SHA-256, each in constant time, so
 * that neither their content nor their length shows in how long it takes.
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
