import { seededRandom } from '../bench/statistics';
import { type Figure, flatnessLines, judgeFlatness } from './flatness';

const random = seededRandom(7);
const over = (value: (at: number) => number) => Array.from({ length: 60 }, (_, at) => value(at));
const figure = (kind: Figure['kind'], values: readonly number[]): Figure => ({
  name: `gateway-1 ${kind}`,
  kind,
  values,
});

it.each<[string, Figure]>([
  [
    'memory that goes up and down between collections',
    figure(
      'memory',
      over((at) => 150e6 + (at % 9) * 12e6),
    ),
  ],
  [
    'a heap with noise',
    figure(
      'heap',
      over(() => 60e6 + random() * 40e6),
    ),
  ],
  [
    'memory that grows only in the warm-up',
    figure(
      'memory',
      over((at) => 100e6 + Math.min(at, 14) * 15e6),
    ),
  ],
  [
    'one peak at the end',
    figure(
      'memory',
      over((at) => (at === 59 ? 900e6 : 150e6)),
    ),
  ],
  [
    'descriptors of callers that come and go',
    figure(
      'descriptors',
      over((at) => 30 + (at % 5)),
    ),
  ],
  [
    'a figure that shrinks',
    figure(
      'data',
      over((at) => 20e6 - at * 1e5),
    ),
  ],
])('finds %s flat', (_what, given) => {
  expect(judgeFlatness(given).isFlat).toBe(true);
});

it.each<[string, Figure]>([
  [
    'memory that gains 2 MB per reading',
    figure(
      'memory',
      over((at) => 150e6 + at * 2e6),
    ),
  ],
  [
    'memory that gains 2 MB per reading under its saw-tooth',
    figure(
      'memory',
      over((at) => 150e6 + at * 2e6 + (at % 9) * 12e6),
    ),
  ],
  [
    'a heap that gains 1 MB per reading',
    figure(
      'heap',
      over((at) => 60e6 + at * 1e6 + random() * 10e6),
    ),
  ],
  [
    'one descriptor every second reading',
    figure(
      'descriptors',
      over((at) => 30 + Math.floor(at / 2)),
    ),
  ],
  [
    'one series per reading',
    figure(
      'series',
      over((at) => 200 + at),
    ),
  ],
  [
    'one key every second reading',
    figure(
      'keys',
      over((at) => 16 + Math.floor(at / 2)),
    ),
  ],
  [
    'Redis data that grows by 5.7 MB, like untrimmed streams',
    figure(
      'data',
      over((at) => 2.9e6 + at * 9.5e4),
    ),
  ],
  [
    'a figure that cannot be read',
    figure(
      'memory',
      over(() => NaN),
    ),
  ],
])('finds that %s is not flat', (_what, given) => {
  expect(judgeFlatness(given).isFlat).toBe(false);
});

it('marks figures that grew in the table', () => {
  const lines = flatnessLines(
    [
      figure(
        'keys',
        over(() => 16),
      ),
      figure(
        'keys',
        over((at) => at),
      ),
    ].map(judgeFlatness),
  );
  expect(lines.map((line) => line.endsWith('GREW'))).toEqual([false, false, true]);
});

it('refuses too few readings', () => {
  expect(() => judgeFlatness(figure('keys', [1, 2]))).toThrow(RangeError);
});
