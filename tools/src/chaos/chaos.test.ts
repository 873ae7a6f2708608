import { join } from 'node:path';
import { endPrograms, runProgram } from '../processes/testing';
import { faultKinds, sentinelFaultKinds } from './faults';

const main = join(__dirname, 'main.ts');
afterAll(endPrograms);

/** The longest stop of each run is that of a worker, or of a master, which its Sentinels replace meanwhile. */
const runs = [
  { redis: 'one Redis', seed: 277, faults: faultKinds, options: [] },
  {
    redis: 'Redis under Sentinels',
    seed: 251,
    faults: sentinelFaultKinds.filter((kind) => kind === 'fail-over' || kind.endsWith('-redis')),
    options: ['--sentinel'],
  },
];

// side by side, as they mostly wait
it.concurrent.each(runs)(
  'gets right answers or honest refusals only on $redis, whatever is done: $faults',
  async ({ seed, faults, options }) => {
    const asked = 80 * faults.length;
    const args = ['--requests', String(asked), '--seed', String(seed), '--faults', faults.join(), ...options];
    const { code, lines } = await runProgram(main, args);
    const last = lines.at(-1) ?? '';
    const clean = expect.stringMatching(new RegExp(`^chaos: asked ${asked}, .*, wrong 0, lost 0, twice 0$`));
    expect({ code, last, lines }).toEqual({ code: 0, last: clean, lines });
    const [, right = 0, refused = 0] = last.match(/\d+/g)?.map(Number) ?? [];
    expect(right + refused).toBe(asked);
    // a fleet that refuses everything would be honest too
    expect(right).toBeGreaterThan(asked / 2);
    for (const fault of faults) expect(lines.filter((line) => line.startsWith(`${fault} `))).toHaveLength(1);
  },
  240_000,
);
