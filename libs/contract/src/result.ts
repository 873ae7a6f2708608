import type { Failure } from './errors';

/** The result of a function with expected failures: with `ok` the members of `T`, otherwise those of `E`. */
export type Result<T, E = { failure: Failure }> = ({ ok: true } & T) | Refused<E>;

/** The failed half of a {@link Result}. */
export type Refused<E = { failure: Failure }> = { ok: false } & E;
