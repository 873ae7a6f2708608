import { join } from 'node:path';
import { endPrograms, runProgram } from '../processes/testing';

const main = join(__dirname, 'main.ts');
afterEach(endPrograms);

const faults = ['kill-gateway', 'kill-worker', 'stop-worker', 'cut-clients'];

it(`gets right answers or honest refusals only, whatever is done: ${faults.join(', ')}`, async () => {
  const { code, lines } = await runProgram(main, ['--requests', '400', '--seed', '10', '--faults', faults.join()]);
  const last = lines.at(-1) ?? '';
  const clean = expect.stringMatching(/^chaos: asked 400, .*, wrong 0, lost 0, twice 0$/);
  expect({ code, last, lines }).toEqual({ code: 0, last: clean, lines });
  const [, right = 0, refused = 0] = last.match(/\d+/g)?.map(Number) ?? [];
  expect(right + refused).toBe(400);
  // a fleet that refuses everything would be honest too
  expect(right).toBeGreaterThan(200);
  for (const fault of faults) expect(lines.filter((line) => line.startsWith(`${fault} `))).toHaveLength(1);
}, 240_000);
