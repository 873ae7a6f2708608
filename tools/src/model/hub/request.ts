import type { Secret } from '@rerank-fleet/service-shell';
import { isHttp, parseEndpoint } from './address';
import {
  type AnswerHead,
  type HubFailure,
  type HubResult,
  type Wanted,
  connectionFailure,
  interrupted,
  lasting,
} from './failure';

/** The hub, and how to call it. */
export interface HubOptions {
  /** Such as `https://huggingface.co`; may have a path and a trailing slash. */
  endpoint: string;
  /** Sent only to the endpoint's own origin. */
  token?: Secret | undefined;
  /** Aborts the work. Downloaded bytes stay, and the next call continues them. */
  signal?: AbortSignal | undefined;
  /** A connection that delivers no bytes for this long is treated as cut. Default: 60 s. */
  stallMs?: number | undefined;
}

/** Options of one request. */
export interface RequestOptions extends HubOptions {
  headers?: Record<string, string>;
  /** Default: GET. */
  method?: 'HEAD';
  /** Whether to follow a redirect; always if not given. A redirect that is not followed is the answer. */
  mayFollow?(redirect: AnswerHead, target: URL): boolean;
}

/**
 * An answer of any status; a redirect only if `mayFollow` refused it. `read` returns the body in chunks, and undefined
 * at its end.
 */
export interface HubAnswer extends AnswerHead {
  ok: true;
  read(): Promise<HubResult<{ bytes: Uint8Array | undefined }>>;
}

/** One request to the hub. `close` releases its connection and may be called at any time. */
export interface HubCall {
  answer: HubAnswer | HubFailure;
  close(): void;
}

const maxRedirects = 5;
const defaultStallMs = 60_000;

/** Makes the subject of a request from the options. Fails when the endpoint or the token is invalid. */
export function describeWanted(
  name: string,
  repo: string,
  { endpoint, token }: HubOptions,
): HubResult<{ wanted: Wanted }> {
  const parsed = parseEndpoint(endpoint);
  if (!parsed.ok) return lasting(parsed.message);
  // The error of fetch would contain such a token.
  if (token && !/^[\x21-\x7e]+$/.test(token.reveal())) {
    return lasting('HF_TOKEN holds characters that no token has, or is empty: copy it again');
  }
  return { ok: true, wanted: { name, repo, address: parsed.address, hasToken: token !== undefined } };
}

/** Calls an address of the hub and follows at most 5 redirects. Never rejects. The caller must close the call. */
export async function callHub(url: URL, wanted: Wanted, options: RequestOptions): Promise<HubCall> {
  const watch = startWatch(options);
  const answer = await follow(url, { wanted, options, watch });
  return { answer, close: watch.end };
}

interface HubRequest {
  wanted: Wanted;
  options: RequestOptions;
  watch: Watch;
}

async function follow(start: URL, request: HubRequest): Promise<HubAnswer | HubFailure> {
  const { wanted } = request;
  let url = start;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const got = await ask(url, request);
    if (!got.ok) return got;
    const { response } = got;
    if (![301, 302, 303, 307, 308].includes(response.status)) return answerOf(response, url, request);
    const next = redirectTarget(response.headers.get('location'), url);
    if (next && request.options.mayFollow?.(headOf(response, url, wanted), next) === false) {
      return answerOf(response, url, request);
    }
    void response.body?.cancel().catch(() => undefined);
    if (!next) {
      return lasting(`${wanted.name}: ${url.host} redirects without a valid address: check HF_ENDPOINT and any proxy`);
    }
    url = next;
  }
  return lasting(
    `${wanted.name}: ${url.host} redirects more than ${maxRedirects} times: check HF_ENDPOINT and any proxy`,
  );
}

function redirectTarget(location: string | null, from: URL): URL | undefined {
  if (!location || !URL.canParse(location, from.href)) return undefined;
  const target = new URL(location, from);
  return isHttp(target) ? target : undefined;
}

async function ask(url: URL, { wanted, options, watch }: HubRequest): Promise<HubResult<{ response: Response }>> {
  const { token, headers, method = 'GET' } = options;
  // Redirects are followed here, because each hop decides whether it may get the token.
  const mayHaveToken = token !== undefined && url.origin === wanted.address.origin;
  try {
    const response = await watch.within(() =>
      fetch(url, {
        method,
        redirect: 'manual',
        signal: watch.signal,
        headers: { ...headers, ...(mayHaveToken ? { authorization: `Bearer ${token.reveal()}` } : {}) },
      }),
    );
    return { ok: true, response };
  } catch (error) {
    return options.signal?.aborted ? interrupted : connectionFailure(error, url.host, wanted.name);
  }
}

function headOf({ status, headers }: Response, url: URL, { address }: Wanted): AnswerHead {
  return { status, headers, host: url.host, isEndpoint: url.origin === address.origin };
}

function answerOf(response: Response, url: URL, { wanted, options, watch }: HubRequest): HubAnswer {
  const reader = response.body?.getReader();
  return {
    ok: true,
    ...headOf(response, url, wanted),
    async read() {
      if (!reader) return { ok: true, bytes: undefined };
      try {
        const { value } = await watch.within(() => reader.read());
        return { ok: true, bytes: value };
      } catch (error) {
        return options.signal?.aborted ? interrupted : connectionFailure(error, url.host, wanted.name);
      }
    },
  };
}

interface Watch {
  signal: AbortSignal;
  /** Waits for a step of the exchange. A step that takes too long aborts the exchange. */
  within<T>(step: () => Promise<T>): Promise<T>;
  end(): void;
}

/**
 * Aborts an exchange when the caller's signal aborts or when the network stalls. The timer runs only during network
 * waits, so a slow disk is not a stall. It uses a listener instead of AbortSignal.any, which keeps every signal as long
 * as the caller's signal exists.
 */
function startWatch({ signal, stallMs = defaultStallMs }: HubOptions): Watch {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  return {
    signal: controller.signal,
    async within(step) {
      const timer = setTimeout(abort, stallMs);
      try {
        return await step();
      } finally {
        clearTimeout(timer);
      }
    },
    end() {
      signal?.removeEventListener('abort', abort);
      abort();
    },
  };
}
