export * from './encoding';
export type { TextTruncation } from './fit-text';
export type { Feed, GraphCall, GraphOutputs } from './graph';
export * from './head';
export type { PreparedQuery } from './late-interaction';
export * from './manifest';
export { TokenizerError } from './plain-tokenizer';
export * from './session';
