import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Cluster, Redis, type RedisOptions as AllRedisOptions } from 'ioredis';
import type { RedisServer } from './server';
import { mayClearOnReconnect } from './trouble';

/**
 * Called with every error of a connection, so with each failed attempt while Redis is away. The app limits the log
 * rate.
 */
export interface ConnectionListener {
  onError(role: string, error: Error): void;
}

/** A connection to one server, to a master that Sentinels name, or to a Cluster. */
export type RedisClient = Redis | Cluster;

/** Replies keep the shapes that they have by default. */
type RedisOptions = Omit<AllRedisOptions, 'replyMapping'>;

/** The settings that differ between uses of a connection. */
interface Purpose {
  /** Names the connection in `CLIENT LIST` and in errors. */
  role: string;
  /** Whether a command waits while there is no connection. False: it fails at once. */
  waits: boolean;
  limits: Pick<RedisOptions, 'maxRetriesPerRequest' | 'commandTimeout' | 'blockingTimeout' | 'socketTimeout'>;
}

/** Event: Redis refused a command that a new connection may be allowed. The connection is replaced. */
export const refusedEvent = 'refused';

const connectTimeout = 2_000;
const reconnectDelayMs = (times: number) => Math.min(times * 100, 500);
/** How often a waiting command is retried, 100 ms apart, during a failover of a Cluster. */
const clusterRetries = 300;
/**
 * A connection on which a command waits and Redis has sent nothing for this long is closed: the end of a half-open
 * connection is not signalled. Longer than any blocking read.
 */
const silenceLimitMs = 10_000;

/**
 * For a gateway's commands. They fail instead of waiting for Redis. The limit of 500 ms per request belongs to the
 * submission, which does not count the time in which this process was busy; a command times out well after it.
 */
export function openSubmitConnection(server: RedisServer, listener: ConnectionListener): RedisClient {
  const limits = { maxRetriesPerRequest: 1, commandTimeout: 1_000, socketTimeout: silenceLimitMs };
  return open(server, { role: 'submit', waits: false, limits }, listener);
}

/** For commands that must succeed however long an outage lasts, and for blocking reads of at most a few seconds. */
export function openRetryingConnection(server: RedisServer, role: string, listener: ConnectionListener): RedisClient {
  const limits = { maxRetriesPerRequest: null, blockingTimeout: silenceLimitMs, socketTimeout: silenceLimitMs };
  return open(server, { role, waits: true, limits }, listener);
}

function open(server: RedisServer, purpose: Purpose, listener: ConnectionListener): RedisClient {
  const redis = server.kind === 'cluster' ? openCluster(server, purpose) : openServer(server, purpose);
  const report = (error: Error) => listener.onError(purpose.role, error);
  redis.on('error', withCause(server, report));
  redis.on(refusedEvent, report);
  return redis;
}

/**
 * Errors that do not give the cause. ioredis does not report the errors that it got from Sentinels and nodes, and a
 * write can fail before the server's refusal of the certificate is read.
 */
const unexplained = /^(?:All sentinels are unreachable|Failed to refresh slots cache|write E(?:CONNRESET|PIPE))/;

/** Reports each error; to an unexplained one it adds the reason why the first address cannot be reached. */
function withCause(server: RedisServer, report: (error: Error) => void): (error: Error) => void {
  let isAsking = false;
  return (error) => {
    if (!unexplained.test(error.message)) return report(error);
    if (isAsking) return;
    isAsking = true;
    // an unreadable certificate is also a reason
    void whyUnreachable(server)
      .catch((reason: Error) => reason)
      .then((cause) => {
        isAsking = false;
        report(cause ? new Error(error.message, { cause }) : error);
      });
  };
}

/** The error of a new connection to the first address; undefined when there is none within two seconds. */
async function whyUnreachable(server: RedisServer): Promise<Error | undefined> {
  const [address] = tcpAddresses(server);
  if (address === undefined) return undefined;
  // nothing is sent, so no write can fail
  const socket = server.tls ? connectTls({ ...address, ...tlsOptions(server.tls) }) : connect(address);
  return new Promise((resolve) => {
    socket.once('error', resolve);
    socket.once('close', () => resolve(undefined));
    socket.setTimeout(connectTimeout, () => socket.destroy());
  });
}

function openServer(server: RedisServer, { role, waits, limits }: Purpose): Redis {
  const [address] = server.addresses;
  const target =
    server.kind === 'sentinel' ? { sentinels: tcpAddresses(server), ...sentinelOptions(server) } : { ...address };
  const redis: Redis = new Redis({
    ...sharedOptions(server, role),
    ...limits,
    ...target,
    db: server.database ?? 0,
    enableOfflineQueue: waits,
    retryStrategy: reconnectDelayMs,
    // a waiting command is sent again on the new connection; any other command gets the refusal as its answer
    reconnectOnError(error) {
      if (!mayClearOnReconnect(error)) return false;
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
    // no failoverDetector: it closes the connection for good when a failover is announced while the Sentinels are
    // queried. A replaced master is detected by its READONLY, its death or its silence
  };
}

function openCluster(server: RedisServer, { role, waits, limits }: Purpose): Cluster {
  return new Cluster(tcpAddresses(server), {
    redisOptions: { ...sharedOptions(server, role), ...limits },
    enableOfflineQueue: waits,
    clusterRetryStrategy: reconnectDelayMs,
    slotsRefreshTimeout: connectTimeout,
    slotsRefreshInterval: 5_000,
    ...(waits && { maxRedirections: clusterRetries }),
  });
}

/** Sentinels and nodes of a Cluster always have TCP addresses, never a socket of this machine. */
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

/** Waits until a connection is usable. Rejects after `timeoutMs`. */
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
