import { setTimeout as delay } from 'node:timers/promises';
import { type Connection, type Reception, openConnection } from '../raw-http/connection';
import { type Logit, type Verdict, judgeAnswer, lost } from './judge';
import { requestBytes } from './request-bytes';
import type { MixedRequest } from './request-mix';

/** A gateway to which clients send requests. */
export interface Target {
  readonly url: string;
  /** Open connections of all clients. */
  readonly connections: Set<Connection>;
  /** Whether a fault explains connections that broke since that time (`performance.now()`). */
  wasBroken(sinceMs: number): boolean;
}

/** Wait of a request without `x-request-timeout-ms`, as configured in the gateways. */
export const defaultWaitMs = 30_000;
const connectLimitMs = 15_000;
/** Like a load balancer, a client does not reuse a connection that the gateway may be closing because it was idle. */
const idleLimitMs = 30_000;
const retryDelayMs = 100;
/** Time limit for retries of a broken request on other gateways. */
const retryLimitMs = 30_000;

/** A request and the expected scores. */
export interface Task {
  number: number;
  request: MixedRequest;
  logit: Logit;
}

/** A caller behind a load balancer. It sends one request at a time. */
export interface Client {
  ask(task: Task): Promise<Verdict>;
  /** Checks for surplus answers a last time, and closes its connections. */
  close(): void;
}

/** Gateways and callbacks of a client. */
export interface ClientOptions {
  targets: readonly Target[];
  /** Selects the next gateway: a number in [0, 1). */
  random: () => number;
  /** Called with a request that was answered more than once. */
  onTwice(number: number): void;
  /** Ids of all answers that the clients have received. */
  requestIds: Set<string>;
  /** Time after the request's wait until a missing answer counts as lost. */
  graceMs: number;
}

interface Lane {
  connection: Connection;
  /** The last completely answered request; undefined while a request is in progress. */
  answered: number | undefined;
  usedMs: number;
}

/** A client that opens connections when it needs them and reuses them. */
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
    ask: (task) => askUntilAnswered({ ...options, laneTo, drop }, task),
    close() {
      for (const target of [...lanes.keys()]) drop(target);
    },
  };
}

interface AskContext extends ClientOptions {
  laneTo(target: Target): Promise<Lane>;
  drop(target: Target): void;
}

/** Like a load balancer, tries the next gateway when a connection breaks because of a fault. */
async function askUntilAnswered(context: AskContext, { number, request, logit }: Task): Promise<Verdict> {
  const beganMs = performance.now();
  const { targets } = context;
  const first = Math.floor(context.random() * targets.length);
  let leavesAfterMs = request.leavesAfterMs;
  for (let tries = 0; ; tries++) {
    const target = targets[(first + tries) % targets.length] as Target;
    const sentMs = performance.now();
    const reception = await tryOnce(context, target, { number, request, leavesAfterMs });
    if (reception === 'left') {
      leavesAfterMs = undefined;
      continue;
    }
    if (reception.kind !== 'broken') return judge({ request, logit }, reception, { sentMs, ...context });
    if (!target.wasBroken(sentMs)) return lost(`a connection broke without a fault: ${reception.reason}`);
    if (performance.now() - beganMs > retryLimitMs) return lost('no gateway answered');
    await delay(retryDelayMs);
  }
}

async function tryOnce(
  context: AskContext,
  target: Target,
  { number, request, leavesAfterMs }: { number: number; request: MixedRequest; leavesAfterMs: number | undefined },
): Promise<Reception | 'left'> {
  let lane: Lane;
  try {
    lane = await context.laneTo(target);
  } catch (error) {
    return { kind: 'broken', reason: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
  lane.answered = undefined;
  const limitMs = leavesAfterMs ?? (request.timeoutMs ?? defaultWaitMs) + context.graceMs;
  const reception = await lane.connection.exchange(requestBytes(target.url, request), { limitMs });
  lane.usedMs = performance.now();
  if (reception.kind === 'answer') lane.answered = number;
  else context.drop(target);
  return reception.kind === 'hung' && leavesAfterMs !== undefined ? 'left' : reception;
}

function judge(
  { request, logit }: Pick<Task, 'request' | 'logit'>,
  reception: Exclude<Reception, { kind: 'broken' }>,
  { sentMs, requestIds }: { sentMs: number; requestIds: Set<string> },
): Verdict {
  if (reception.kind !== 'answer') return lost(reception.kind === 'hung' ? 'no answer' : 'the answer is not HTTP');
  const { question, dialect, timeoutMs } = request;
  const requestId = reception.response.headers.get('x-request-id') ?? '';
  if (requestId === '') return lost('an answer without x-request-id');
  if (requestIds.has(requestId)) return { outcome: 'twice', reason: 'the answer of an earlier request' };
  requestIds.add(requestId);
  const expectation = { question, dialect, waitMs: timeoutMs ?? defaultWaitMs, logit };
  return judgeAnswer(expectation, reception.response, performance.now() - sentMs);
}
