import type { Failure } from '@rerank-fleet/contract';
import { readBody } from './body-reader';
import type { JsonObject } from './dialects/dialect';
import type { Edge } from './edge';
import type { Exchange } from './exchange';
import { parseJsonObject } from './json-body';

/**
 * Reads a request's body and parses it, which must be a JSON object. What it takes is held
 * until the exchange is over: the bytes as they arrive, then a price for each of its values. Fails as {@link readBody}
 * and {@link parseJsonObject}.
 */
export async function readJsonObject(
  { config, heldBytes }: Pick<Edge, 'config' | 'heldBytes'>,
  { request, whenOver }: Exchange,
): Promise<{ ok: true; body: JsonObject } | { ok: false; failure: Failure }> {
  const hold = heldBytes.open();
  whenOver(() => hold.release());
  const read = await readBody(request, config, hold);
  return read.ok ? parseJsonObject(read.bytes, config, hold) : read;
}
