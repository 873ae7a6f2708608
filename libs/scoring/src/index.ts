export * from './encoding';
export type { Feed, GraphCall, GraphOutputs } from './heads/graph';
export { LabelCountError } from './heads/graph';
export { createHead, type Head } from './heads/head';
export * from './manifest';
export * from './session';
export type { TextTruncation } from './tokenizer/fit-text';
export { TokenizerError } from './tokenizer/tokenizer-json';
