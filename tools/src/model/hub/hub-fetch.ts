import type { z } from 'zod';
import { isHttp } from './address';
import { type HubFailure, type Wanted, lasting, statusFailure } from './failure';
import { type HubAnswer, type HubOptions, callHub } from './request';

const maxAnswerBytes = 20_000_000;
const maxAnswers = 50;

/** What the fetch of {@link hubFetch} throws: the library hands it on unchanged. */
export class HubError extends Error {
  override name = 'HubError';
  constructor(
    readonly failure: HubFailure,
    /** Whether the hub refuses the route for everybody, or its web interface answers in place of the route. */
    readonly isNoRoute = false,
  ) {
    super(failure.message);
  }
}

/** How the answers of one route are read. */
export interface HubRoute<Json> {
  /** How messages call what the answer has; nothing for a description. */
  part?: string;
  schema: z.ZodType<Json>;
  /** Adds to the JSON what only the headers of the answer have. */
  complete?(json: Json, answer: HubAnswer): Json;
}

/**
 * The `fetch` of hub.js for one route of a hub. It sends the token to the hub's own origin only, ends at a stall, reads at
 * most 50 answers of 20 MB, and hands on the JSON of the schema alone: the library looks at nothing that was not checked.
 * A next page beyond that, or at another origin, is an empty one.
 * It throws a {@link HubError} in place of any answer that hub.js cannot use, for hub.js would put the hub's text into its
 * own errors.
 */
export function hubFetch<Json>(route: HubRoute<Json>, wanted: Wanted, options: HubOptions): typeof fetch {
  let answers = 0;
  return async (input) => {
    const url = ownUrl(String(input), wanted);
    // a last page: what another origin told would not be the hub's word
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

function ownUrl(text: string, { address }: Wanted): URL | undefined {
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
    const fault = `the answer of ${answer.host} is no JSON: check HF_ENDPOINT and any proxy in the way`;
    throw new HubError(lasting(name + fault));
  }
}

/** Says where an answer is not what a hub sends: the place is of our making, its content is the hub's and stays out. */
function misfit(error: z.ZodError, { part }: Pick<HubRoute<unknown>, 'part'>): string {
  const place = [...(part === undefined ? [] : [part]), ...(error.issues[0]?.path ?? [])].join('.') || 'no object';
  const fault = place.endsWith('.rfilename') ? 'a path that leaves the folder' : 'not what a hub answers';
  return `${fault} (${place})`;
}
