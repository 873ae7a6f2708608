import { seededRandom } from '../bench/statistics';
import { planFaults } from './faults';
import { parseOptions } from './options';
import { chooserOf } from './request-mix';

it('selects every fault of one Redis unless --faults is given', () => {
  const options = parseOptions([]);
  expect(options).toMatchObject({ requests: 2_000, seed: 1, sentinel: false, defaultModel: false });
  expect(options?.faults).toHaveLength(8);
  expect(parseOptions(['--faults', 'kill-redis,kill-worker'])?.faults).toEqual(['kill-worker', 'kill-redis']);
  expect(parseOptions(['--sentinel', '--faults', 'fail-over'])?.faults).toEqual(['fail-over']);
});

it.each([
  [['--requests', 'many']],
  [['--requests', '-1']],
  [['--requests', '7']],
  [['--seed', '1.5']],
  [['--faults', 'rain']],
  [['--faults', 'fail-over']],
  [['--nothing']],
  [['nothing']],
])('refuses %j', (args) => {
  expect(parseOptions(args)).toBeUndefined();
});

it('plans each kind of fault equally often, the same for the same seed, with durations in range', () => {
  const { faults: kinds = [] } = parseOptions(['--sentinel']) ?? {};
  const plan = (seed: number) => planFaults(kinds, 5, chooserOf(seededRandom(seed)));
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
  for (const kind of kinds) expect(plan(3).filter((fault) => fault.kind === kind)).toHaveLength(5);
  const stops = plan(3).filter(({ kind }) => kind.startsWith('stop-'));
  expect(stops.every(({ durationMs }) => durationMs >= 1_000 && durationMs <= 8_000)).toBe(true);
});
