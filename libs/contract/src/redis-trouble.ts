/** First words of errors with which Redis refuses all commands (or all writes) until an operator or a failover acts. */
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

/** All values of {@link RedisTrouble}. */
export const redisTroubles = ['away', ...redisRefusals, 'other'] as const;

/** Why Redis cannot be used: it does not answer, or it refuses with one of its error words or `other`. */
export type RedisTrouble = (typeof redisTroubles)[number];
