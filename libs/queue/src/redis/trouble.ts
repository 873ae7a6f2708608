/** Words with which Redis refuses whatever it is asked, until somebody or a failover changes that. */
export const redisRefusals = [
  'READONLY',
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'OOM',
  'MISCONF',
  'NOREPLICAS',
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
] as const;

/** Why Redis cannot be worked with: it does not answer, or it refuses, with one of its own words or `other`. */
export type RedisTrouble = 'away' | (typeof redisRefusals)[number] | 'other';

/** All of {@link RedisTrouble}. */
export const redisTroubles: readonly RedisTrouble[] = ['away', ...redisRefusals, 'other'];

/** Refusals that another connection may not meet: the address may lead to another server by now, or the login be valid again. */
const reconnectingRefusals: readonly RedisTrouble[] = [
  'READONLY',
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'NOAUTH',
  'WRONGPASS',
];

/** So begins what ioredis says when it could ask no Sentinel; the last one's refusal stands at its end. */
const sentinelsFailed = 'All sentinels are unreachable';

// a script's error has the refusal somewhere in it (Redis 6), not always as its first word
const refusalWord = new RegExp(`\\b(?:${redisRefusals.join('|')})\\b`);

/** What an error of a command or connection says of Redis. */
export function troubleOf(error: Error): RedisTrouble {
  const { lastNodeError } = error as { lastNodeError?: Error };
  // of a Cluster none of whose nodes can be used
  if (lastNodeError) return troubleOf(lastNodeError);
  if (error.name !== 'ReplyError' && !error.message.startsWith(sentinelsFailed)) return 'away';
  const word = refusalWord.exec(error.message)?.[0];
  const refusal = redisRefusals.find((one) => one === word);
  return refusal ?? (error.name === 'ReplyError' ? 'other' : 'away');
}

/** Whether a new connection may get what this one was refused. */
export function isCuredByReconnecting(error: Error): boolean {
  return reconnectingRefusals.includes(troubleOf(error));
}

/** In words for `/ready` and logs. */
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
