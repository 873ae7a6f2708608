export * from './fake-encoder';
export * from './fake-session';
export { describeSessionContract } from './session.contract';
