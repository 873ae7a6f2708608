import { createGatewayMetrics } from './gateway-metrics';
import { redisTroubles, type RedisTrouble } from '@rerank-fleet/contract';
import { parsePage } from './testing';

/** The reasons that stand at 1, of those that have a series. */
async function reasonsOf(trouble?: { is: RedisTrouble | undefined }) {
  const metrics = createGatewayMetrics({ endpoints: [], heldBytes: { limitBytes: 1, now: () => 0 } });
  if (trouble) metrics.redisTrouble(trouble.is);
  const page = parsePage(await metrics.render());
  const values = redisTroubles.map((reason) => [reason, page.value('reranker_redis_trouble', { reason })] as const);
  expect(values.every(([, value]) => value === 0 || value === 1)).toBe(true);
  return values.filter(([, value]) => value === 1).map(([reason]) => reason);
}

test('a process begins without Redis', async () => {
  expect(await reasonsOf()).toEqual(['away']);
});

test.each(redisTroubles)('%s is the one reason that stands at 1', async (reason) => {
  expect(await reasonsOf({ is: reason })).toEqual([reason]);
});

test('no reason stands at 1 while Redis can be worked with', async () => {
  expect(await reasonsOf({ is: undefined })).toEqual([]);
});
