import { join } from 'node:path';
import { endPrograms, runProgram } from '../processes/testing';
import { faultKinds, sentinelFaultKinds } from './faults';

const main = join(__dirname, 'main.ts');
afterAll(endPrograms);

/** With these seeds, the longest stop of each run hits a worker, or a master that the Sentinels replace meanwhile. */
const runs = [
  { redis: 'one Redis', seed: 277, faults: faultKinds, options: [] },
  {
    redis: 'Redis under Sentinels',
    seed: 251,
    faults: sentinelFaultKinds.filter((kind) => kind === 'fail-over' || kind.endsWith('-redis')),
    options: ['--sentinel'],
  },
];

// concurrent, because the runs mostly wait
it.concurrent.each(runs)(
  'gets only right answers or proper refusals on $redis under $faults',
  async ({ seed, faults, options }) => {
    const asked = 80 * faults.length;
    const args = ['--requests', String(asked), '--seed', String(seed), '--faults', faults.join(), ...options];
    const { code, lines } = await runProgram(main, args);
    const last = lines.at(-1) ?? '';
    const clean = expect.stringMatching(new RegExp(`^chaos: asked ${asked}, .*, wrong 0, lost 0, twice 0$`));
    expect({ code, last, lines }).toEqual({ code: 0, last: clean, lines });
    const [, right = 0, refused = 0] = last.match(/\d+/g)?.map(Number) ?? [];
    expect(right + refused).toBe(asked);
    // a fleet that refuses everything would pass the checks above
    expect(right).toBeGreaterThan(asked / 2);
    for (const fault of faults) expect(lines.filter((line) => line.startsWith(`${fault} `))).toHaveLength(1);
  },
  240_000,
);
