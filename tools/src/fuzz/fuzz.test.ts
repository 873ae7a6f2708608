import { join } from 'node:path';
import { endPrograms, runProgram } from '../processes/testing';

const main = join(__dirname, 'main.ts');
afterEach(endPrograms);

it('finds no fault of a built gateway: every answer as described, no way past the key, nothing hidden acted on', async () => {
  const { code, lines } = await runProgram(main, ['--requests', '4200', '--seed', '1']);
  expect(lines.filter((line) => line.includes('again with'))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^fuzz: sent 4200, answered 41\d\d, faults 0$/);
  expect(code).toBe(0);
}, 240_000);
