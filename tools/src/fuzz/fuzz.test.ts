import { join } from 'node:path';
import { endPrograms, runProgram } from '../processes/testing';

const main = join(__dirname, 'main.ts');
afterEach(endPrograms);

it('finds no fault in a built gateway: answers match the description, keys are enforced, no hidden request is served', async () => {
  const { code, lines } = await runProgram(main, ['--requests', '4200', '--seed', '1']);
  expect(lines.filter((line) => line.includes('again with'))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^fuzz: sent 4200, answered 41\d\d, faults 0$/);
  expect(code).toBe(0);
}, 240_000);
