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

/** Which hub is asked, and how. */
export interface HubOptions {
  /** Such as `https://huggingface.co`; may have a path and a slash at its end. */
  endpoint: string;
  /** Sent to the endpoint's own origin only. */
  token?: Secret | undefined;
  /** Ends the work; what was downloaded stays, so that the next call continues it. */
  signal?: AbortSignal | undefined;
  /** A connection that brings no bytes for this long counts as cut; 60 s if not given. */
  stallMs?: number | undefined;
}

/** One request, and how it is made. */
export interface RequestOptions extends HubOptions {
  headers?: Record<string, string>;
  /** GET if not given. */
  method?: 'HEAD';
  /** Whether to go where an answer redirects; always if not given. A redirect that is not followed is the answer. */
  mayFollow?(redirect: AnswerHead, target: URL): boolean;
}

/**
 * An answer of any status, that of a redirect only where it may not be followed. `read` gives its body part by part,
 * undefined at its end.
 */
export interface HubAnswer extends AnswerHead {
  ok: true;
  read(): Promise<HubResult<{ bytes: Uint8Array | undefined }>>;
}

/** One request to the hub; `close` gives its connection back and may be called at any time. */
export interface HubCall {
  answer: HubAnswer | HubFailure;
  close(): void;
}

const maxRedirects = 5;
const defaultStallMs = 60_000;

/** How messages call a thing of a repository, and what else they need to know. Fails when the options cannot be used. */
export function describeWanted(
  name: string,
  repo: string,
  { endpoint, token }: HubOptions,
): HubResult<{ wanted: Wanted }> {
  const parsed = parseEndpoint(endpoint);
  if (!parsed.ok) return lasting(parsed.message);
  // fetch would put such a token into the text of its error
  if (token && !/^[\x21-\x7e]+$/.test(token.reveal())) {
    return lasting('HF_TOKEN holds characters that no token has, or is empty: copy it again');
  }
  return { ok: true, wanted: { name, repo, address: parsed.address, hasToken: token !== undefined } };
}

/** Asks for an address of the hub and follows at most 5 redirects. Never rejects; the caller closes what it gets. */
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
      return lasting(`${wanted.name}: ${url.host} redirects to nowhere: check HF_ENDPOINT and any proxy in the way`);
    }
    url = next;
  }
  return lasting(
    `${wanted.name}: ${url.host} redirects more than ${maxRedirects} times: check HF_ENDPOINT and any proxy in the way`,
  );
}

function redirectTarget(location: string | null, from: URL): URL | undefined {
  if (!location || !URL.canParse(location, from.href)) return undefined;
  const target = new URL(location, from);
  return isHttp(target) ? target : undefined;
}

async function ask(url: URL, { wanted, options, watch }: HubRequest): Promise<HubResult<{ response: Response }>> {
  const { token, headers, method = 'GET' } = options;
  // redirects are followed by hand: each hop decides anew whether it may see the token
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
  /** Waits for a step of the exchange; a step that takes too long ends the exchange. */
  within<T>(step: () => Promise<T>): Promise<T>;
  end(): void;
}

/**
 * Ends an exchange when the caller wants it or when it stalls. The clock runs only while the network is waited for: a slow
 * disk is no stall. A listener of its own in place of AbortSignal.any, which keeps every signal for as long as the
 * caller's lives.
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
