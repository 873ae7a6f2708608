import { catalogue } from './catalogue';
import { containerCatalogue } from './container-catalogue';
import type { MetricDefinition } from './definition';
import { describeCatalogue } from './describe';
import { eventLoopCatalogue } from './event-loop-catalogue';
import { gatewayCatalogue } from './gateway-catalogue';
import { gpuCatalogue } from './gpu-catalogue';
import { qualityProbeCatalogue } from './quality-probe-catalogue';
import { queueBoardCatalogue } from './queue-board-catalogue';
import { redisCatalogue } from './redis-catalogue';
import { highScoreMin, workerCatalogue } from './worker-catalogue';

const names = catalogue.map(({ name }) => name);

describe('the catalogue', () => {
  test('defines each metric once, under the one prefix', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^reranker_[a-z_]+$/.test(name))).toEqual([]);
  });

  const sections: [MetricDefinition['app'], Record<string, MetricDefinition>][] = [
    ['gateway', gatewayCatalogue],
    ['worker', workerCatalogue],
    ['worker', gpuCatalogue],
    ['gateway and worker', redisCatalogue],
    ['queue-board', queueBoardCatalogue],
    ['quality-probe', qualityProbeCatalogue],
    ['every', containerCatalogue],
    ['every', eventLoopCatalogue],
  ];

  test('lists each metric under the application that exports it', () => {
    for (const [app, section] of sections)
      expect(new Set(Object.values(section).map((each) => each.app))).toEqual(new Set([app]));
    expect(sections.flatMap(([, section]) => Object.values(section))).toHaveLength(catalogue.length);
  });

  test('ends counters, and only counters, in _total', () => {
    expect(catalogue.filter(({ type, name }) => (type === 'counter') !== name.endsWith('_total'))).toEqual([]);
  });

  test('names units last, and uses none but the base units', () => {
    const endings: Record<string, string> = {
      seconds: '_seconds',
      ratio: '_ratio',
      characters: '_chars',
      info: '_info',
      bytes: '_bytes',
      celsius: '_celsius',
      cores: '_cores',
    };
    for (const { name, unit } of catalogue) {
      for (const [named, ending] of Object.entries(endings)) {
        const ends = name.replace(/_total$/, '').endsWith(ending);
        expect({ name, ends }).toEqual({ name, ends: unit === named });
      }
      // of the article's names one is in percent
      expect(name.replace(/^reranker_gpu_utilization_percent$/, '')).not.toMatch(
        /_(ms|millis|milliseconds|minutes|percent)(_|$)/,
      );
    }
  });

  test('has rising bucket edges with a reason, and the reader never needs to guess a label', () => {
    for (const metric of catalogue) {
      expect(metric.help).toMatch(/^[A-Z0-9].*\.$/);
      expect(metric.help).not.toContain('\n');
      for (const [label, { meaning, values = ['x'] }] of Object.entries(metric.labels)) {
        expect(label).toMatch(/^[a-z_]+$/);
        expect(label).not.toBe('le');
        expect(meaning).not.toBe('');
        expect(new Set(values).size).toBe(values.length);
      }
      if (metric.type !== 'histogram') continue;
      expect([...metric.buckets]).toEqual([...new Set(metric.buckets)].sort((a, b) => a - b));
      expect(metric.bucketsReason).not.toBe('');
    }
  });

  test('has the thresholds that rules compare with as bucket edges', () => {
    expect(gatewayCatalogue.requestDuration.buckets).toContain(1);
    expect(workerCatalogue.scores.buckets).toContain(highScoreMin);
  });

  test('has no label that a caller could fill', () => {
    const labels = new Set(catalogue.flatMap((metric) => Object.keys(metric.labels)));
    expect([...labels].sort()).toEqual(
      ['code', 'dtype', 'endpoint', 'error_type', 'gpu', 'kind', 'language', 'lookup', 'method', 'model', 'outcome']
        .concat(['provider', 'query_type', 'queue', 'reason', 'revision', 'state', 'uuid'])
        .sort(),
    );
  });
});

describe('describeCatalogue', () => {
  test('gives every metric as data that survives JSON', () => {
    const rows = describeCatalogue();
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.find(({ name }) => name === 'reranker_tokens_total')).toMatchObject({
      type: 'counter',
      app: 'worker',
      labels: [
        { name: 'model', values: undefined },
        { name: 'kind', values: ['query', 'document', 'padding'] },
      ],
      buckets: undefined,
    });
    expect(rows.find(({ name }) => name === 'reranker_batch_size')?.buckets?.edges).toContain(20);
    expect(JSON.parse(JSON.stringify(rows))).toHaveLength(rows.length);
  });
});
