import type { Result } from '@rerank-fleet/contract';
import { readBody } from './body-reader';
import type { JsonObject } from './json-object';
import type { EdgeConfig } from '../config';
import type { Exchange } from './exchange';
import type { HeldBytes } from './held-bytes';
import type { TakeTurn } from './turns';
import { refused } from './failure';
import { parseJsonObject } from './json-body';

/** The dependencies of {@link readJsonObject}. */
export interface BodyReading {
  config: EdgeConfig;
  /** Counts the bytes of all bodies. */
  heldBytes: HeldBytes;
  /** Awaited before work that blocks the event loop for long. */
  takeTurn: TakeTurn;
}

/** Larger bodies take milliseconds to parse. */
const largeBodyBytes = 256 * 1024;

/**
 * Reads a request's body and parses it as a JSON object. Large bodies are parsed one per turn of the event loop. The
 * bytes and a price per JSON value are held until the exchange is over. Fails as {@link readBody} and {@link
 * parseJsonObject}.
 */
export async function readJsonObject(
  { config, heldBytes, takeTurn }: BodyReading,
  { request, signal, whenOver }: Exchange,
): Promise<Result<{ body: JsonObject }>> {
  const hold = heldBytes.open();
  whenOver(() => hold.release());
  const read = await readBody(request, config, hold);
  if (!read.ok) return read;
  if (read.bytes.length > largeBodyBytes) await takeTurn();
  if (signal.aborted) return refused('cancelled', 'The caller disconnected before the body was read.');
  return parseJsonObject(read.bytes, config, hold);
}
