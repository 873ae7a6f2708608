export * from './errors';
export * from './fleet';
export * from './job';
export * from './ranking-quality';
export { readOutcome } from './read-outcome';
export * from './request';
export type { Refused, Result } from './result';
export { sigmoid } from './sigmoid';
