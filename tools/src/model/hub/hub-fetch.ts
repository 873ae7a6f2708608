import type { z } from 'zod';
import { isHttp } from './address';
import { type HubFailure, type Wanted, lasting, statusFailure } from './failure';
import { type HubAnswer, type HubOptions, callHub } from './request';

const maxAnswerBytes = 20_000_000;
const maxAnswers = 50;

/** Thrown by the fetch of {@link hubFetch}. hub.js passes it on unchanged. */
export class HubError extends Error {
  override name = 'HubError';
  constructor(
    readonly failure: HubFailure,
    /** Whether the hub does not have the route, or its web interface answers instead. */
    readonly isNoRoute = false,
  ) {
    super(failure.message);
  }
}

/** How to read the answers of one route. */
export interface HubRoute<Json> {
  /** Name of the answer in messages; none for a description. */
  part?: string;
  schema: z.ZodType<Json>;
  /** Adds values to the JSON that only the headers contain. */
  complete?(json: Json, answer: HubAnswer): Json;
}

/**
 * The `fetch` of hub.js for one route of a hub. It sends the token only to the hub's own origin, ends when the
 * connection stalls, and reads at most 50 answers of 20 MB each. It returns only JSON that the schema has checked. Any
 * further page, and any page of another origin, is returned as an empty page.
 * It throws a {@link HubError} for every answer that hub.js cannot use, because hub.js would copy the hub's text into
 * its own errors.
 */
export function hubFetch<Json>(route: HubRoute<Json>, wanted: Wanted, options: HubOptions): typeof fetch {
  let answers = 0;
  return async (input) => {
    const url = sameOriginUrl(String(input), wanted);
    // An empty page ends the listing. Another origin does not speak for the hub.
    if (url === undefined || ++answers > maxAnswers) return Response.json([]);
    const call = await callHub(url, wanted, options);
    try {
      if (!call.answer.ok) throw new HubError(call.answer);
      return await checkedResponse(call.answer, wanted, route);
    } finally {
      call.close();
    }
  };
}

function sameOriginUrl(text: string, { address }: Wanted): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.origin === address.origin && isHttp(url) ? url : undefined;
}

async function checkedResponse<Json>(answer: HubAnswer, wanted: Wanted, route: HubRoute<Json>): Promise<Response> {
  const { status, host, headers } = answer;
  if (status !== 200) throw new HubError(statusFailure(answer, wanted), [404, 405, 501].includes(status));
  const name = `${wanted.repo}: `;
  if (/^text\/html\b/i.test(headers.get('content-type') ?? '')) {
    const fault = `${host} answered with a web page (a login or a proxy): check HF_ENDPOINT and the network`;
    throw new HubError(lasting(name + fault), true);
  }
  const parsed = route.schema.safeParse(await readJson(answer, name));
  if (!parsed.success)
    throw new HubError(lasting(`${name}${host} sent ${misfit(parsed.error, route)}: check HF_ENDPOINT`));
  const json = route.complete?.(parsed.data, answer) ?? parsed.data;
  const link = headers.get('link');
  return Response.json(json, link === null ? {} : { headers: { link } });
}

async function readJson(answer: HubAnswer, name: string): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let totalBytes = 0;
  for (;;) {
    const read = await answer.read();
    if (!read.ok) throw new HubError(read);
    if (!read.bytes) break;
    totalBytes += read.bytes.length;
    if (totalBytes > maxAnswerBytes) {
      const fault = `the answer of ${answer.host} is longer than ${maxAnswerBytes} bytes: check HF_ENDPOINT`;
      throw new HubError(lasting(name + fault));
    }
    chunks.push(read.bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    const fault = `the answer of ${answer.host} is not JSON: check HF_ENDPOINT and any proxy`;
    throw new HubError(lasting(name + fault));
  }
}

/** Names the member that does not match the schema. The path is from our schema; the hub's value is left out. */
function misfit(error: z.ZodError, { part }: Pick<HubRoute<unknown>, 'part'>): string {
  const member = [...(part === undefined ? [] : [part]), ...(error.issues[0]?.path ?? [])].join('.') || 'no object';
  const fault = member.endsWith('.rfilename') ? 'a path that leaves the folder' : 'not what a hub answers';
  return `${fault} (${member})`;
}
