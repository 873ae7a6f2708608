import type { Result } from '@rerank-fleet/contract';
import { endpointUrl } from './address';
import { type CallFailure, failureOfAnswer, failureWithoutAnswer, unexpectedAnswer } from './failure';
import { parseJson, type Reader } from './read-json';

/** How to reach the gateway that serves the page. */
interface GatewayAccess {
  /** The page's address; paths are resolved against it as a browser does (`document.baseURI`). */
  baseUrl: URL | string;
  /** Sent as `Authorization: Bearer`; '' or undefined sends none. */
  apiKey?: string | undefined;
}

/** The same for one call. */
export interface CallOptions extends GatewayAccess {
  /** Gives the call up: `cancelled`. */
  signal: AbortSignal;
  /** How long the gateway may take, 100 to 900,000; undefined leaves it to the gateway. */
  timeoutMs?: number | undefined;
}

/** What a call gave. Calls never throw. */
export type CallResult<T> = Result<{ value: T }, { failure: CallFailure }>;

/** A JSON answer with what came beside it. */
export interface Answered<T> {
  body: T;
  /** The body as it came: JSON text. */
  content: string;
  headers: Headers;
  /** From sending to the last byte, by the page's clock. */
  roundTripMs: number;
}

/** One call. */
export interface Call<T> {
  /** Without a leading slash: `v1/rerank`. */
  path: string;
  /** JSON text to POST; undefined: GET. */
  payload?: string;
  read: Reader<T>;
}

/** The page waits this much longer than the gateway, whose answer tells more than a broken connection. */
const marginMs = 5_000;

/** The wait that the gateway takes in `x-request-timeout-ms`. */
const waitRangeMs = { min: 100, max: 900_000 };

/** What a header can carry. */
const headerText = /^[\x20-\x7e\xa0-\xff]*$/;

/** Calls the gateway and reads its answer. */
export async function callGateway<T>(call: Call<T>, options: CallOptions): Promise<CallResult<Answered<T>>> {
  const apiKey = options.apiKey?.trim() ?? '';
  // such a key cannot be sent, so that it cannot be right either
  if (!headerText.test(apiKey)) return { ok: false, failure: failureWithoutAnswer('unauthorized') };
  const waitMs = options.timeoutMs === undefined ? undefined : inRange(options.timeoutMs);
  const patience = startPatience(options.signal, waitMs);
  const startedMs = performance.now();
  let received: Received;
  try {
    received = await send(endpointUrl(options.baseUrl, call.path), {
      ...(call.payload !== undefined && { method: 'POST', body: call.payload }),
      headers: headersOf(call, { apiKey, waitMs }),
      cache: 'no-store',
      signal: patience.signal,
    });
  } catch {
    const kind = options.signal.aborted ? 'cancelled' : patience.signal.aborted ? 'timeout' : 'offline';
    return { ok: false, failure: failureWithoutAnswer(kind) };
  } finally {
    patience.end();
  }
  return resultOf(received, call.read, performance.now() - startedMs);
}

/** An answer whose body has arrived. */
interface Received {
  response: Response;
  content: string;
}

async function send(url: string, init: RequestInit): Promise<Received> {
  const response = await fetch(url, init);
  return { response, content: await response.text() };
}

function resultOf<T>({ response, content }: Received, read: Reader<T>, roundTripMs: number): CallResult<Answered<T>> {
  const json = parseJson(content);
  if (!response.ok) return { ok: false, failure: failureOfAnswer(response, json) };
  const body = read(json);
  if (body === undefined) return { ok: false, failure: unexpectedAnswer(response) };
  return { ok: true, value: { body, content, headers: response.headers, roundTripMs } };
}

function headersOf(
  { payload }: Pick<Call<unknown>, 'payload'>,
  { apiKey, waitMs }: { apiKey: string; waitMs: number | undefined },
): Record<string, string> {
  return {
    ...(payload !== undefined && { 'content-type': 'application/json' }),
    ...(apiKey !== '' && { authorization: `Bearer ${apiKey}` }),
    ...(waitMs !== undefined && { 'x-request-timeout-ms': String(waitMs) }),
  };
}

function inRange(timeoutMs: number): number {
  return Math.round(Math.min(waitRangeMs.max, Math.max(waitRangeMs.min, timeoutMs)));
}

/** A signal that aborts with the user's or once the wait is over. (AbortSignal.any is too young for some browsers.) */
function startPatience(signal: AbortSignal, waitMs: number | undefined): { signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = waitMs === undefined ? undefined : setTimeout(abort, waitMs + marginMs);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, end };
}
