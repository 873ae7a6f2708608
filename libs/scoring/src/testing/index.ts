export * from './fake-encoder';
export * from './fake-session';
export * from './fixtures';
export { describeSessionContract } from './session.contract';
