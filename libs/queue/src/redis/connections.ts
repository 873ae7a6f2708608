import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Cluster, Redis, type RedisOptions as AllRedisOptions } from 'ioredis';
import type { RedisServer } from './server';
import { isCuredByReconnecting } from './trouble';

/** Told of every error of a connection, so of each attempt while Redis is away: whoever logs them limits the rate. */
export interface ConnectionListener {
  onError(role: string, error: Error): void;
}

/** A connection to one server, to a master that Sentinels name, or to a Cluster. */
export type RedisClient = Redis | Cluster;

/** Replies keep the shapes that they have by default. */
type RedisOptions = Omit<AllRedisOptions, 'replyMapping'>;

/** What differs from one purpose to the next. */
interface Purpose {
  /** Names the connection in `CLIENT LIST` and in errors. */
  role: string;
  /** False: a command fails at once while there is no connection. */
  waits: boolean;
  limits: Pick<RedisOptions, 'maxRetriesPerRequest' | 'commandTimeout' | 'blockingTimeout' | 'socketTimeout'>;
}

/** Event of a connection that Redis refused something which another connection may get; it is made anew. */
export const refusedEvent = 'refused';

const connectTimeout = 2_000;
const reconnectDelayMs = (times: number) => Math.min(times * 100, 500);
/** A command that waits is tried again on a Cluster through a failover, 100 ms apart. */
const patientRedirections = 300;
/**
 * A connection over which Redis has sent nothing for so long, though a command waits, is given up: nobody tells the end of
 * a half-open one. Longer than any blocking read.
 */
const silenceLimitMs = 10_000;

/**
 * For a gateway's commands: each one fails instead of waiting for Redis to come back. The bound of 500 ms on a request is
 * the submission's own, which knows when it was this process that was busy; a command is given up well after it.
 */
export function openSubmitConnection(server: RedisServer, listener: ConnectionListener): RedisClient {
  const limits = { maxRetriesPerRequest: 1, commandTimeout: 1_000, socketTimeout: silenceLimitMs };
  return open(server, { role: 'submit', waits: false, limits }, listener);
}

/** For commands that have to get through however long an outage lasts, and for blocking reads of at most some seconds. */
export function openPatientConnection(server: RedisServer, role: string, listener: ConnectionListener): RedisClient {
  const limits = { maxRetriesPerRequest: null, blockingTimeout: silenceLimitMs, socketTimeout: silenceLimitMs };
  return open(server, { role, waits: true, limits }, listener);
}

function open(server: RedisServer, purpose: Purpose, listener: ConnectionListener): RedisClient {
  const redis = server.kind === 'cluster' ? openCluster(server, purpose) : openServer(server, purpose);
  const tell = (error: Error) => listener.onError(purpose.role, error);
  redis.on('error', withCause(server, tell));
  redis.on(refusedEvent, tell);
  return redis;
}

/**
 * Errors that do not say why a server cannot be used: ioredis keeps to itself what it met at Sentinels and nodes, and a write
 * may fail before it is read that the server has refused the certificate.
 */
const unexplained = /^(?:All sentinels are unreachable|Failed to refresh slots cache|write E(?:CONNRESET|PIPE))/;

/** Tells of errors as they come, but of an unexplained one with the reason for which the first address is not reached. */
function withCause(server: RedisServer, tell: (error: Error) => void): (error: Error) => void {
  let isAsking = false;
  return (error) => {
    if (!unexplained.test(error.message)) return tell(error);
    if (isAsking) return;
    isAsking = true;
    // a certificate that cannot be read is a reason as well
    void whyUnreachable(server)
      .catch((reason: Error) => reason)
      .then((cause) => {
        isAsking = false;
        tell(cause ? new Error(error.message, { cause }) : error);
      });
  };
}

/** The error of a connection to the first address; undefined when there is none within two seconds. */
async function whyUnreachable(server: RedisServer): Promise<Error | undefined> {
  const [address] = tcpAddresses(server);
  if (address === undefined) return undefined;
  // nothing is sent, so that no write fails
  const socket = server.tls ? connectTls({ ...address, ...tlsOptions(server.tls) }) : connect(address);
  return new Promise((resolve) => {
    socket.once('error', resolve);
    socket.once('close', () => resolve(undefined));
    socket.setTimeout(connectTimeout, () => socket.destroy());
  });
}

function openServer(server: RedisServer, { role, waits, limits }: Purpose): Redis {
  const [address] = server.addresses;
  const place =
    server.kind === 'sentinel' ? { sentinels: tcpAddresses(server), ...sentinelOptions(server) } : { ...address };
  const redis: Redis = new Redis({
    ...sharedOptions(server, role),
    ...limits,
    ...place,
    db: server.database ?? 0,
    enableOfflineQueue: waits,
    retryStrategy: reconnectDelayMs,
    // a command that waits is sent again over the new connection; another one is answered with the refusal
    reconnectOnError(error) {
      if (!isCuredByReconnecting(error)) return false;
      redis.emit(refusedEvent, error);
      return waits ? 2 : 1;
    },
  });
  return redis;
}

function sentinelOptions({ masterName, sentinelPassword, tls }: RedisServer): RedisOptions {
  return {
    name: masterName,
    ...(sentinelPassword && { sentinelPassword: sentinelPassword.reveal() }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(tls) }),
    sentinelRetryStrategy: reconnectDelayMs,
    sentinelCommandTimeout: connectTimeout,
    // no failoverDetector: it ends the connection for good when it hears of a failover while the Sentinels are asked. A
    // master that was replaced is left by its READONLY, its death or its silence
  };
}

function openCluster(server: RedisServer, { role, waits, limits }: Purpose): Cluster {
  return new Cluster(tcpAddresses(server), {
    redisOptions: { ...sharedOptions(server, role), ...limits },
    enableOfflineQueue: waits,
    clusterRetryStrategy: reconnectDelayMs,
    slotsRefreshTimeout: connectTimeout,
    slotsRefreshInterval: 5_000,
    ...(waits && { maxRedirections: patientRedirections }),
  });
}

/** Sentinels and nodes of a Cluster are never on a socket of this machine. */
function tcpAddresses({ addresses }: RedisServer): { host: string; port: number }[] {
  return addresses.flatMap((address) => ('path' in address ? [] : [{ ...address }]));
}

function sharedOptions({ username, password, tls }: RedisServer, role: string): RedisOptions {
  return {
    connectTimeout,
    connectionName: `rerank-${role}`,
    ...(username !== undefined && { username }),
    ...(password && { password: password.reveal() }),
    ...(tls && { tls: tlsOptions(tls) }),
  };
}

function tlsOptions({ ca, cert, key }: NonNullable<RedisServer['tls']>) {
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key && { key: key.reveal() }) };
}

/** Waits until a connection is usable; rejects when it is not within `timeoutMs`. */
export async function whenReady(redis: RedisClient, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', ready);
      reject(new Error(`no connection to Redis within ${timeoutMs} ms`));
    }, timeoutMs);
    const ready = () => {
      clearTimeout(timer);
      resolve();
    };
    redis.once('ready', ready);
  });
}
