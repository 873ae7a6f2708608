import type { Encoder, Session } from '@rerank-fleet/scoring';

const query = 'How do I restart a crashed worker?';
const document = 'To bring a failed worker back, run the restart command of your service manager.';

/**
 * Scores one fixed pair, so that the first request does not pay for lazy work, and a model that cannot score does not
 * become ready. Returns how long it took, in ms.
 * @throws InvalidScoreError when the model's weights give no number.
 */
export async function warmUp(session: Session, encoder: Encoder): Promise<number> {
  const start = performance.now();
  const encoded = encoder.encodeQuery({ query });
  if (!encoded.ok) throw new Error(`warm-up: ${encoded.failure.message}`);
  const prepared = await session.prepare(encoded.query);
  await session.score([{ query: prepared, document: encoder.encodeDocument(encoded.query, document, {}) }]);
  return performance.now() - start;
}
