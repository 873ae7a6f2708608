import { join } from 'node:path';
import { endPrograms, runProgram } from '../processes/testing';

const main = join(__dirname, 'main.ts');
afterEach(endPrograms);

it('gets right answers or honest refusals only, although a gateway, a worker and Redis are killed and a worker is stopped', async () => {
  const faults = ['kill-gateway', 'kill-worker', 'kill-redis', 'stop-worker'];
  const { code, lines } = await runProgram(main, ['--requests', '400', '--seed', '25', '--faults', faults.join()]);
  expect(lines.at(-1)).toMatch(/^chaos: asked 400, right \d+, refused \d+, wrong 0, lost 0, twice 0$/);
  const [, right = NaN, refused = NaN] = (lines.at(-1) ?? '').match(/\d+/g)?.map(Number) ?? [];
  expect(right + refused).toBe(400);
  expect(right).toBeGreaterThan(200);
  for (const fault of faults) expect(lines.filter((line) => line.startsWith(`${fault} `))).toHaveLength(1);
  expect([code, lines]).toEqual([0, lines]);
}, 240_000);
