import { type Machine, describeMachine } from './machine';
import { figure, reportLines } from './report';
import { faultsOf, higherIsBetter, lowerIsBetter, plain } from './result';

const cpuinfo = `processor\t: 0
model name\t: Some CPU @ 2.0GHz
flags\t\t: fpu sse4_2 avx fma avx2 avx512f avx512_vnni amx_int8

processor\t: 1
model name\t: Other
`;

it('names the processor and its vector extensions from /proc/cpuinfo', () => {
  expect(describeMachine(cpuinfo)).toMatchObject({
    processor: 'Some CPU @ 2.0GHz',
    vectorExtensions: ['SSE4.2', 'AVX', 'FMA', 'AVX2', 'AVX-512F', 'AVX-512 VNNI', 'AMX INT8'],
    cores: expect.any(Number),
  });
});

it('reads the features of an Arm processor', () => {
  const { vectorExtensions } = describeMachine('Features\t: fp asimd asimddp\n');
  expect(vectorExtensions).toEqual(['NEON', 'NEON dot product']);
});

it('reports an unknown processor when the system does not name it', () => {
  expect(describeMachine('')).toMatchObject({ processor: `unknown ${process.arch}`, vectorExtensions: [] });
});

it('gives a ratio above 1 when our value is better, for both directions', () => {
  expect(higherIsBetter('s speed', { value: 30, baseline: 20, unit: 'docs/s' }).ratio).toBe(1.5);
  expect(lowerIsBetter('s p50', { value: 20, baseline: 30, unit: 'ms' }).ratio).toBe(1.5);
});

it('finds results that must not be published', () => {
  expect(faultsOf('s', [])).toEqual(['the suite measured nothing']);
  expect(faultsOf('s', [plain('other x', 1, 'ms')])).toEqual(['other x does not begin with s']);
  expect(faultsOf('s', [lowerIsBetter('s x', { value: 0, baseline: 1, unit: 'ms' })])).toEqual([
    's x is not a finite number',
  ]);
  expect(faultsOf('s', [{ ...plain('s x', 1, 'ms'), baseline: 2 }])).toEqual([
    's x has only one of baseline and ratio',
  ]);
  expect(faultsOf('s', [plain('s x', 1, 'ms'), higherIsBetter('s y', { value: 1, baseline: 2, unit: '' })])).toEqual(
    [],
  );
});

it.each([
  [0, '0'],
  [0.000123456, '0.0001235'],
  [1.23456, '1.235'],
  [123456.7, '123457'],
])('writes %d as %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

it('prints suite, commit, machine and one row per figure', () => {
  const machine: Machine = { ...describeMachine(cpuinfo), cores: 2, memoryGiB: 4, node: 'v20.0.0' };
  const results = [plain('s a', 1.5, 'ms'), higherIsBetter('s bbb', { value: 30, baseline: 20, unit: 'docs/s' })];
  const lines = reportLines({ suite: 's', commit: 'abc', machine, results });
  expect(lines.slice(0, 2)).toEqual([
    's at abc',
    'Some CPU @ 2.0GHz (SSE4.2, AVX, FMA, AVX2, AVX-512F, AVX-512 VNNI, AMX INT8), 2 cores, 4 GiB, Node v20.0.0',
  ]);
  expect(lines.slice(3).map((line) => line.split(/ {2,}/))).toEqual([
    ['s a', '1.500', 'ms'],
    ['s bbb', '30.00', 'docs/s', '20.00', '1.50'],
  ]);
});
