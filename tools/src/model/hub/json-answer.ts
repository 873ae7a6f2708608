import type { z } from 'zod';
import { type HubFailure, lasting } from './failure';
import type { HubAnswer } from './request';

const maxAnswerBytes = 20_000_000;

/** Whether an answer is a web page, which no description is. */
export function isWebPage({ headers }: HubAnswer): boolean {
  return /^text\/html\b/i.test(headers.get('content-type') ?? '');
}

/** Reads an answer of at most 20 MB as JSON. */
export async function readJson(answer: HubAnswer, repo: string): Promise<{ ok: true; json: unknown } | HubFailure> {
  const { host } = answer;
  if (isWebPage(answer)) {
    return lasting(`${repo}: ${host} answered with a web page (a login or a proxy): check HF_ENDPOINT and the network`);
  }
  const chunks: Uint8Array[] = [];
  let totalBytes = 0;
  for (;;) {
    const read = await answer.read();
    if (!read.ok) return read;
    if (!read.bytes) break;
    totalBytes += read.bytes.length;
    if (totalBytes > maxAnswerBytes) {
      return lasting(`${repo}: the answer of ${host} is longer than ${maxAnswerBytes} bytes: check HF_ENDPOINT`);
    }
    chunks.push(read.bytes);
  }
  try {
    return { ok: true, json: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return lasting(`${repo}: the answer of ${host} is no JSON: check HF_ENDPOINT and any proxy in the way`);
  }
}

/** Told when the JSON of an answer is not what a hub sends; `part` is where in the answers of a hub it stands. */
export function misfit(
  error: z.ZodError,
  { repo, host, part }: { repo: string; host: string; part?: string },
): HubFailure {
  // a member's place is of our making, its content is the hub's and stays out
  const place = [...(part === undefined ? [] : [part]), ...(error.issues[0]?.path ?? [])].join('.') || 'no object';
  const fault = place.endsWith('.rfilename') ? 'a path that leaves the folder' : 'not what a hub answers';
  return lasting(`${repo}: ${host} sent ${fault} (${place}): check HF_ENDPOINT`);
}
