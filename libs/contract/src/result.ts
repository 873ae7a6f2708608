import type { Failure } from './errors';

/** What a function returns that may fail as expected: with `ok`, the fields of `T`; without it, those of `E`. */
export type Result<T, E = { failure: Failure }> = ({ ok: true } & T) | Refused<E>;

/** The half of a {@link Result} that says why there is no `T`. */
export type Refused<E = { failure: Failure }> = { ok: false } & E;
