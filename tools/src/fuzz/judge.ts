import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Reception } from '../raw-http/connection';
import { type RawResponse, parseJson } from '../raw-http/response';
import type { Description } from './description';
import type { FuzzCase } from './fuzz-case';

/** The rules for answers. */
export interface Rules {
  description: Description;
  /** Status per error code, from docs/reference/errors.md. */
  codes: ReadonlyMap<string, number>;
}

/** Reads the table of error codes. Throws when it does not exist. */
export function readErrorCodes(root: string): Map<string, number> {
  const page = readFileSync(join(root, 'docs/reference/errors.md'), 'utf8');
  const codes = new Map(
    [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [code as string, Number(status)]),
  );
  if (codes.size === 0) throw new Error('docs/reference/errors.md contains no table of codes');
  return codes;
}

/** Describes what is wrong with the answer to a case; undefined when nothing is. */
export function faultOf(rules: Rules, fuzzCase: FuzzCase, reception: Reception): string | undefined {
  if (reception.kind === 'answer') return faultOfAnswer(rules, fuzzCase, reception.response);
  if (reception.kind === 'garbage') return 'the answer is not HTTP';
  if (!fuzzCase.isWhole) return undefined;
  return reception.kind === 'hung' ? 'no answer' : `no answer: ${reception.reason}`;
}

function faultOfAnswer(rules: Rules, fuzzCase: FuzzCase, response: RawResponse): string | undefined {
  const { operation, also, bodiless, marker } = fuzzCase;
  const { status, headers, head, body } = response;
  const isKnown = operation?.statuses.has(status) || also.includes(status);
  if (status === 500 || !isKnown) return `status ${status}`;
  if (status === 504 && fuzzCase.kind !== 'header') return '504 although the request did not ask for a short wait';
  if (status === 503 || status === 429) {
    if (!/^\d+$/.test(headers.get('retry-after') ?? '')) return `${status} without Retry-After`;
  }
  if (status < 400) return bodiless ? undefined : faultOfJson(response, (value) => operation?.faultOf(status, value));
  if (Buffer.concat([Buffer.from(head, 'latin1'), body]).includes(marker)) return 'the answer quotes the request';
  if (bodiless) return undefined;
  return faultOfError(rules, fuzzCase, response);
}

/** Pages and files are not checked. */
function faultOfJson({ headers, body }: RawResponse, look: (value: unknown) => string | undefined): string | undefined {
  if (!headers.get('content-type')?.startsWith('application/json')) return undefined;
  const value = parseJson(body);
  return value === undefined ? 'the answer is not JSON, despite its content type' : look(value);
}

function faultOfError(
  { description, codes }: Rules,
  { kind, operation, isWhole }: FuzzCase,
  response: RawResponse,
): string | undefined {
  const { status, headers, body } = response;
  if (!headers.has('x-request-id')) return `${status} without x-request-id`;
  if (!headers.get('content-type')?.startsWith('application/json')) return `${status} whose body is not JSON`;
  const value = parseJson(body);
  if (value === undefined) return `${status} whose body is not JSON`;
  // an incomplete request is refused before its operation is known
  const fault = isWhole && operation?.statuses.has(status) ? operation.faultOf(status, value) : undefined;
  if (fault !== undefined) return fault;
  if (!description.isError(value)) return `${status} with a body that is not a described error`;
  const code = ownCode.safeParse(value).data?.error.code;
  if (code !== undefined) return codes.get(code) === status ? undefined : `${status} with the code ${code}`;
  // raw cases do not use dialects with other error shapes
  if (kind === 'raw') return `${status} without a code`;
  const statusInBody = repeatedStatus.safeParse(value).data ?? repeatedCode.safeParse(value).data?.error.code ?? status;
  return statusInBody === status ? undefined : `${status} with ${statusInBody} in the body`;
}

/** Error body with our codes. The error shapes of other dialects are checked by the description. */
const ownCode = z.object({ error: z.object({ type: z.string(), code: z.string() }) });
/** The errors of Pinecone and OpenRouter repeat the status. */
const repeatedStatus = z.object({ status: z.number() }).transform(({ status }) => status);
const repeatedCode = z.object({ error: z.object({ code: z.number() }) });
