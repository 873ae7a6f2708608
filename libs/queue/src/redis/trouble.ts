import { redisRefusals, type RedisTrouble } from '@rerank-fleet/contract';

/**
 * Refusals that a new connection may not get: the address may lead to another server, or the login may be valid again.
 */
const reconnectingRefusals: readonly RedisTrouble[] = [
  'READONLY',
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'NOAUTH',
  'WRONGPASS',
];

/** Start of ioredis' error when it could query no Sentinel. It ends with the last Sentinel's refusal. */
const sentinelsFailed = 'All sentinels are unreachable';

// the error of a script contains the refusal (Redis 6), not always as its first word
const refusalWord = new RegExp(`\\b(?:${redisRefusals.join('|')})\\b`);

/** What an error of a command or a connection says about Redis. */
export function troubleOf(error: Error): RedisTrouble {
  const { lastNodeError } = error as { lastNodeError?: Error };
  // set when no node of a Cluster can be used
  if (lastNodeError) return troubleOf(lastNodeError);
  if (error.name !== 'ReplyError' && !error.message.startsWith(sentinelsFailed)) return 'away';
  const word = refusalWord.exec(error.message)?.[0];
  const refusal = redisRefusals.find((one) => one === word);
  return refusal ?? (error.name === 'ReplyError' ? 'other' : 'away');
}

/** Whether a new connection may succeed where this one was refused. */
export function mayClearOnReconnect(error: Error): boolean {
  return reconnectingRefusals.includes(troubleOf(error));
}

/** The text for `/ready` and logs. */
export function describeTrouble(trouble: RedisTrouble): string {
  switch (trouble) {
    case 'away':
      return 'Redis does not answer';
    case 'READONLY':
      return 'Redis refuses writes: READONLY, it is a replica';
    case 'LOADING':
      return 'Redis refuses: LOADING, it reads its data';
    case 'MASTERDOWN':
      return 'Redis refuses: MASTERDOWN, a replica that has lost its master';
    case 'CLUSTERDOWN':
      return 'Redis refuses: CLUSTERDOWN, the Cluster is not complete';
    case 'OOM':
      return 'Redis refuses writes: OOM, its memory is full';
    case 'MISCONF':
      return 'Redis refuses writes: MISCONF, it cannot write to its disk';
    case 'NOREPLICAS':
      return 'Redis refuses writes: NOREPLICAS, too few replicas follow';
    case 'NOAUTH':
      return 'Redis refuses: NOAUTH, it asks for a password';
    case 'WRONGPASS':
      return 'Redis refuses: WRONGPASS, the user or password is wrong';
    case 'NOPERM':
      return 'Redis refuses: NOPERM, the user lacks a right';
    case 'other':
      return 'Redis refuses with an error';
    default:
      return trouble satisfies never;
  }
}
