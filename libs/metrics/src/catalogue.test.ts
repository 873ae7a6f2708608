import { catalogue, gatewayCatalogue, highScoreMin, workerCatalogue } from './catalogue';
import { describeCatalogue } from './describe';

const names = catalogue.map(({ name }) => name);

describe('the catalogue', () => {
  test('defines each metric once, under the one prefix', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^reranker_[a-z_]+$/.test(name))).toEqual([]);
  });

  test('lists each metric under the application that exports it', () => {
    expect(Object.values(gatewayCatalogue).every(({ app }) => app === 'gateway')).toBe(true);
    expect(Object.values(workerCatalogue).every(({ app }) => app === 'worker')).toBe(true);
  });

  test('ends counters, and only counters, in _total', () => {
    expect(catalogue.filter(({ type, name }) => (type === 'counter') !== name.endsWith('_total'))).toEqual([]);
  });

  test('names the unit of times, ratios and characters last, and uses no other time unit', () => {
    const endings: Record<string, string> = {
      seconds: '_seconds',
      ratio: '_ratio',
      characters: '_chars',
      info: '_info',
    };
    for (const { name, unit } of catalogue) {
      for (const [named, ending] of Object.entries(endings)) {
        expect({ name, ends: name.endsWith(ending) }).toEqual({ name, ends: unit === named });
      }
      expect(name).not.toMatch(/_(ms|millis|milliseconds|minutes|percent)(_|$)/);
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
    expect(gatewayCatalogue.requestDuration.buckets).toContain(0.5);
    expect(workerCatalogue.scores.buckets).toContain(highScoreMin);
  });

  test('has no label that a caller could fill', () => {
    const labels = new Set(catalogue.flatMap((metric) => Object.keys(metric.labels)));
    expect([...labels].sort()).toEqual(
      ['code', 'dtype', 'endpoint', 'error_type', 'kind', 'method', 'model', 'outcome', 'provider']
        .concat(['query_type', 'queue', 'reason', 'revision'])
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
