import { spawnSync } from 'node:child_process';
import { eventLoopCatalogue } from './event-loop-catalogue';
import { createGatewayMetrics } from './gateway-metrics';
import { createQualityProbeMetrics } from './quality-probe-metrics';
import { createQueueBoardMetrics } from './queue-board-metrics';
import { parsePage, type Page } from './testing';
import { createWorkerMetrics } from './worker-metrics';

const traceId = 'c'.repeat(32);
const container = () => ({ memoryBytes: 3, memoryLimitBytes: 5, cpuSeconds: 1, cpuLimitCores: 2 });
const post = { method: 'POST', endpoint: '/v1/rerank' } as const;

/** The metrics of each application, with a trace where it records one. */
const applications = {
  gateway() {
    const metrics = createGatewayMetrics({
      endpoints: [{ ...post, codes: [200] }],
      container,
      heldBytes: { limitBytes: 1, now: () => 0 },
    });
    metrics.requestFinished({ ...post, code: 200, durationMs: 40, traceId });
    return metrics;
  },
  worker() {
    const about = { model: 'e5', queue: 'e5@1', provider: 'cpu', revision: 'r', dtype: 'int8', sessions: 1 };
    const metrics = createWorkerMetrics({ ...about, container });
    metrics.queueWaited(3, traceId);
    metrics.tokenized(3, traceId);
    return metrics;
  },
  'queue-board': () => createQueueBoardMetrics({ container }),
  'quality-probe': () => createQualityProbeMetrics({ container }),
};

/** Our own series. Those of the process and of its event loop change from one look to the next. */
const seriesOf = ({ samples }: Page) =>
  samples
    .filter(({ name }) => name.startsWith('reranker_') && name !== eventLoopCatalogue.eventLoopActive.name)
    .map(({ name, labels, value }) => ({ name, labels, value }));
const hasExemplars = ({ samples }: Page) => samples.some(({ exemplar }) => exemplar !== undefined);

describe.each(Object.entries(applications))('the metrics of the %s', (app, create) => {
  test('are the same series in both formats, in whatever order and however often they are asked for', async () => {
    const metrics = create();
    const pages = await Promise.all([metrics.render('openMetrics'), metrics.render(), metrics.render('openMetrics')]);
    const [first, second, third, last] = [...pages, await metrics.render('text')].map(parsePage);
    expect(seriesOf(first as Page).length).toBeGreaterThan(3);
    for (const page of [second, third, last]) expect(seriesOf(page as Page)).toEqual(seriesOf(first as Page));
  });

  test('point to traces in OpenMetrics only, which alone has an end', async () => {
    const metrics = create();
    const [text, openMetrics] = await Promise.all([metrics.render(), metrics.render('openMetrics')]);
    expect(text).not.toMatch(/trace_id|# EOF/);
    expect(hasExemplars(parsePage(openMetrics))).toBe(['gateway', 'worker'].includes(app));
    expect(openMetrics.endsWith('\n# EOF\n')).toBe(true);
  });

  test('pass the check of Prometheus, but for three names of prom-client', async () => {
    const metrics = create();
    // the other format must leave no trace
    await metrics.render('openMetrics');
    const input = await metrics.render();
    const { stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8', timeout: 20_000 });
    expect(error).toBeUndefined();
    expect(stderr.split('\n').filter((line) => !/^(?:nodejs_active_\w+_total non-counter .*)?$/.test(line))).toEqual(
      [],
    );
  });
});
