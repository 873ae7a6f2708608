import type { Failure } from '@rerank-fleet/contract';
import type { Dialect, RankedAnswer } from './dialect';
import { threeSpellings } from './error-body';
import { truncatedMember } from './truncated';
import { warningsMember } from './warnings-member';

interface ObjectDialect {
  name: string;
  parse: Dialect['parse'];
  render(answer: RankedAnswer): object;
  /** The body of a failure. Default: three spellings. */
  renderFailure?(failure: Failure, requestId: string): object;
}

/**
 * Creates a dialect that answers with one object, and adds the members for truncated documents and warnings at its end.
 */
export function objectDialect({ name, parse, render, renderFailure = threeSpellings }: ObjectDialect): Dialect {
  return {
    name,
    warnings: 'body',
    parse,
    render: (answer) =>
      answer.ok
        ? { ...render(answer), ...truncatedMember(answer.ranking), ...warningsMember(answer) }
        : renderFailure(answer.failure, answer.requestId),
  };
}
