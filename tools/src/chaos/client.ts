import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, type Reception, openConnection } from '../raw-http/connection';
import { type Logit, type Verdict, judgeAnswer, lost } from './judge';
import { requestBytes } from './request-bytes';
import type { MixedRequest } from './request-mix';

/** A gateway as clients see it. */
export interface Target {
  readonly url: string;
  /** The connections of all clients. */
  readonly connections: Set<Connection>;
  /** Whether it is known why connections to it broke since that time (`performance.now()`). */
  wasBroken(sinceMs: number): boolean;
}

/** How long a request waits that says nothing: what the gateways are configured with. */
export const defaultWaitMs = 30_000;
const connectLimitMs = 15_000;
/** A balancer does not use a connection that its gateway may be closing for idleness. */
const idleLimitMs = 30_000;
const retryDelayMs = 100;
/** The time within which a broken request is tried again on another gateway. */
const retryLimitMs = 30_000;

/** A request and what its answer must be. */
export interface Errand {
  number: number;
  request: MixedRequest;
  logit: Logit;
}

/** A caller with a balancer between it and the gateways; it asks one thing at a time. */
export interface Client {
  ask(errand: Errand): Promise<Verdict>;
  /** Looks a last time for answers that nobody asked for, and closes its connections. */
  close(): void;
}

/** Whom a client asks, and what it tells of. */
export interface ClientOptions {
  targets: readonly Target[];
  /** Which gateway is next: a number in [0, 1). */
  random: () => number;
  /** Told of a request that was answered more than once. */
  onTwice(number: number): void;
  /** The ids of all answers of all clients. */
  requestIds: Set<string>;
  /** How long after its wait an answer may come before it counts as lost. */
  graceMs: number;
}

interface Lane {
  connection: Connection;
  /** The request whose whole answer was the last that came; undefined while another is under way. */
  answered: number | undefined;
  usedMs: number;
}

/** Opens connections as they are needed and keeps them. */
export function createClient(options: ClientOptions): Client {
  const lanes = new Map<Target, Lane>();
  const drop = (target: Target) => {
    const lane = lanes.get(target);
    if (lane === undefined) return;
    const { answered, connection } = lane;
    if (answered !== undefined && connection.surplus().length > 0) options.onTwice(answered);
    lanes.delete(target);
    target.connections.delete(connection);
    connection.destroy();
  };
  const laneTo = async (target: Target): Promise<Lane> => {
    const known = lanes.get(target);
    const isFresh = known !== undefined && performance.now() - known.usedMs < idleLimitMs;
    if (isFresh && known.connection.isOpen() && known.connection.surplus().length === 0) return known;
    drop(target);
    const connection = await openConnection(target.url, connectLimitMs);
    const lane = { connection, answered: undefined, usedMs: 0 };
    lanes.set(target, lane);
    target.connections.add(connection);
    return lane;
  };
  return {
    ask: (errand) => askUntilAnswered({ ...options, laneTo, drop }, errand),
    close() {
      for (const target of [...lanes.keys()]) drop(target);
    },
  };
}

interface Way extends ClientOptions {
  laneTo(target: Target): Promise<Lane>;
  drop(target: Target): void;
}

/** Tries gateway after gateway while connections break for a known reason, as a balancer does. */
async function askUntilAnswered(way: Way, { number, request, logit }: Errand): Promise<Verdict> {
  const beganMs = performance.now();
  const { targets } = way;
  const first = Math.floor(way.random() * targets.length);
  let leavesAfterMs = request.leavesAfterMs;
  for (let tries = 0; ; tries++) {
    const target = targets[(first + tries) % targets.length] as Target;
    const sentMs = performance.now();
    const reception = await tryOnce(way, target, { number, request, leavesAfterMs });
    if (reception === 'left') {
      leavesAfterMs = undefined;
      continue;
    }
    if (reception.kind !== 'broken') return judge({ request, logit }, reception, { sentMs, ...way });
    if (!target.wasBroken(sentMs)) return lost(`a connection broke without a reason: ${reception.reason}`);
    if (performance.now() - beganMs > retryLimitMs) return lost('no gateway answered');
    await delay(retryDelayMs);
  }
}

async function tryOnce(
  way: Way,
  target: Target,
  { number, request, leavesAfterMs }: { number: number; request: MixedRequest; leavesAfterMs: number | undefined },
): Promise<Reception | 'left'> {
  let lane: Lane;
  try {
    lane = await way.laneTo(target);
  } catch (error) {
    return { kind: 'broken', reason: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
  lane.answered = undefined;
  const limitMs = leavesAfterMs ?? (request.timeoutMs ?? defaultWaitMs) + way.graceMs;
  const reception = await lane.connection.exchange(requestBytes(target.url, request), { limitMs });
  lane.usedMs = performance.now();
  if (reception.kind === 'answer') lane.answered = number;
  else way.drop(target);
  return reception.kind === 'hung' && leavesAfterMs !== undefined ? 'left' : reception;
}

function judge(
  { request, logit }: Pick<Errand, 'request' | 'logit'>,
  reception: Exclude<Reception, { kind: 'broken' }>,
  { sentMs, requestIds }: { sentMs: number; requestIds: Set<string> },
): Verdict {
  if (reception.kind !== 'answer') return lost(reception.kind === 'hung' ? 'no answer' : 'what came is not HTTP');
  const { question, dialect, timeoutMs } = request;
  const requestId = reception.response.headers.get('x-request-id') ?? '';
  if (requestId === '') return lost('an answer without x-request-id');
  if (requestIds.has(requestId)) return { outcome: 'twice', reason: 'the answer of an earlier request' };
  requestIds.add(requestId);
  const trial = { question, dialect, waitMs: timeoutMs ?? defaultWaitMs, logit };
  return judgeAnswer(trial, reception.response, performance.now() - sentMs);
}
