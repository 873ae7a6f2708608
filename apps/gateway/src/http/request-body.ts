import type { Result } from '@rerank-fleet/contract';
import { readBody } from './body-reader';
import type { JsonObject } from './json-object';
import type { EdgeConfig } from '../config';
import type { Exchange } from './exchange';
import type { HeldBytes } from './held-bytes';
import type { TakeTurn } from './turns';
import { refused } from './failure';
import { parseJsonObject } from './json-body';

/** What bodies are read with. */
export interface BodyReading {
  config: EdgeConfig;
  /** What the bodies of all requests hold together. */
  heldBytes: HeldBytes;
  /** Awaited before work that holds the event loop for long. */
  takeTurn: TakeTurn;
}

/** From this size on a body takes milliseconds to parse. */
const largeBodyBytes = 256 * 1024;

/**
 * Reads a request's body and parses it, which must be a JSON object; large ones one after another. What it takes is held
 * until the exchange is over: the bytes as they arrive, then a price for each of its values. Fails as {@link readBody}
 * and {@link parseJsonObject}.
 */
export async function readJsonObject(
  { config, heldBytes, takeTurn }: BodyReading,
  { request, gone, whenOver }: Exchange,
): Promise<Result<{ body: JsonObject }>> {
  const hold = heldBytes.open();
  whenOver(() => hold.release());
  const read = await readBody(request, config, hold);
  if (!read.ok) return read;
  if (read.bytes.length > largeBodyBytes) await takeTurn();
  if (gone.aborted) return refused('cancelled', 'The caller went away before the body was read.');
  return parseJsonObject(read.bytes, config, hold);
}
