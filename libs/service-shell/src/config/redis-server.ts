import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './config';
import { field, refuse, secret } from './config-fields';
import { createSecret, type Secret } from './secret';

/** One host and port. */
export interface RedisAddress {
  host: string;
  port: number;
}

/** The address of Redis: one server, or several Sentinels or Cluster nodes that name the rest. */
export interface RedisLocation {
  kind: 'single' | 'sentinel' | 'cluster';
  addresses: readonly RedisAddress[];
  /** The master's name at the Sentinels; only for Sentinels. */
  masterName?: string;
  username?: string;
  password?: Secret;
  database: number;
  /** Whether connections are encrypted. */
  isEncrypted: boolean;
  /** The original text. */
  url: Secret;
}

/** PEM texts. Without a CA, the system's CAs are trusted. */
interface RedisTls {
  ca?: string;
  cert?: string;
  key?: Secret;
}

/** All parameters of a connection to Redis. */
export interface RedisServer extends RedisLocation {
  sentinelPassword?: Secret;
  tls?: RedisTls;
}

const allowedUrl =
  'redis://[user:password@]host[:port][/database], redis+sentinel://...host:port,host:port/master-name or ' +
  'redis+cluster://...host:port,host:port, with rediss instead of redis for TLS; special characters of a password are ' +
  'percent-encoded';

/** URL of a Redis server, of Sentinels or of a Cluster. It may contain a password, so its text is never shown. */
export function redisUrl() {
  return z
    .string()
    .transform((text, context) => {
      return parseRedisUrl(text) ?? refuse(context, 'is not a valid URL');
    })
    .meta(field(allowedUrl, 'secret'));
}

/** Path of a PEM file. Parses to its content. */
function pemFile(holds: 'secret' | 'text') {
  return z
    .string()
    .transform((path, context) => {
      const text = readPem(path);
      return text === undefined ? refuse(context, 'is not a readable PEM file') : createSecret(text);
    })
    .meta(field('the path of a PEM file', holds))
    .optional();
}

function readPem(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return text.includes('-----BEGIN ') ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The variables of every process that uses Redis, to be spread into its schema. */
export const redisFields = {
  REDIS_URL: redisUrl()
    .prefault('redis://127.0.0.1:6379')
    .describe('Redis with the queue and the fleet registry: one server, Sentinels or a Cluster'),
  REDIS_PREFIX: z.string().default('rerank').describe('Prefix of all keys. Each fleet needs its own'),
  REDIS_SENTINEL_PASSWORD: secret().optional().describe('Password of the Sentinels, if they require one'),
  REDIS_TLS_CA: pemFile('text').describe(
    "PEM file of the CA that signed Redis' certificate. Default: the system's CAs",
  ),
  REDIS_TLS_CERT: pemFile('text').describe('PEM file of the client certificate, if Redis requires one'),
  REDIS_TLS_KEY: pemFile('secret').describe('PEM file of the private key of REDIS_TLS_CERT'),
};

type RedisValues = z.output<z.ZodObject<typeof redisFields>>;

/**
 * Combines the parsed variables.
 *
 * @throws ConfigError if TLS files are set for connections without TLS, or only one of certificate and key
 */
export function redisServer(values: RedisValues): RedisServer {
  const { REDIS_URL, REDIS_SENTINEL_PASSWORD, REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY } = values;
  const hasFiles = [REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY].some((file) => file !== undefined);
  if (hasFiles && !REDIS_URL.isEncrypted)
    throw new ConfigError([
      'REDIS_URL: must begin with rediss when REDIS_TLS_CA, REDIS_TLS_CERT or REDIS_TLS_KEY is set',
    ]);
  if ((REDIS_TLS_CERT === undefined) !== (REDIS_TLS_KEY === undefined))
    throw new ConfigError(['REDIS_TLS_CERT: must be set together with REDIS_TLS_KEY']);
  return {
    ...REDIS_URL,
    ...(REDIS_SENTINEL_PASSWORD !== undefined && { sentinelPassword: REDIS_SENTINEL_PASSWORD }),
    ...(REDIS_URL.isEncrypted && {
      tls: {
        ...(REDIS_TLS_CA !== undefined && { ca: REDIS_TLS_CA.reveal() }),
        ...(REDIS_TLS_CERT !== undefined && { cert: REDIS_TLS_CERT.reveal() }),
        ...(REDIS_TLS_KEY !== undefined && { key: REDIS_TLS_KEY }),
      },
    }),
  };
}

const urlPattern =
  /^redis(?<tls>s?)(?:\+(?<many>sentinel|cluster))?:\/\/(?:(?<user>[^:@/?#\s]*)(?::(?<password>[^@/?#\s]*))?@)?(?<hosts>[^@/?#\s]+)(?:\/(?<path>[^/?#\s]*))?$/i;
const hostPattern = /^(?<host>\[[0-9a-f:.%]+\]|[a-z0-9._-]+)(?::(?<port>\d{1,5}))?$/i;
const defaultPorts = { single: 6379, sentinel: 26_379, cluster: 6379 };

/** Undefined for an invalid URL. `new URL` cannot parse several hosts, and accepts characters that must be encoded. */
export function parseRedisUrl(text: string): RedisLocation | undefined {
  const parts = urlPattern.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { tls = '', many = 'single', user = '', password = '', hosts = '', path = '' } = parts;
  const kind = many.toLowerCase() as RedisLocation['kind'];
  const addresses = hosts.split(',').map((host) => addressOf(host, defaultPorts[kind]));
  const rest = restOf(kind, path);
  const [username, secretText] = [decoded(user), decoded(password)];
  const isWrong = username === undefined || secretText === undefined || rest === undefined;
  if (isWrong || !addresses.every((address) => address !== undefined)) return undefined;
  if (kind === 'single' && addresses.length > 1) return undefined;
  return {
    kind,
    addresses,
    ...rest,
    ...(username !== '' && { username }),
    ...(secretText !== '' && { password: createSecret(secretText) }),
    isEncrypted: tls !== '',
    url: createSecret(text),
  };
}

/** The part after the hosts: a database, or the master's name and its database. A Cluster has one database. */
function restOf(kind: RedisLocation['kind'], path: string): { masterName?: string; database: number } | undefined {
  if (kind === 'sentinel') {
    const masterName = decoded(path);
    return masterName ? { masterName, database: 0 } : undefined;
  }
  if (!/^\d{0,5}$/.test(path)) return undefined;
  const database = Number(path);
  return kind === 'cluster' && database !== 0 ? undefined : { database };
}

function addressOf(text: string, defaultPort: number): RedisAddress | undefined {
  const { host, port } = hostPattern.exec(text)?.groups ?? {};
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
