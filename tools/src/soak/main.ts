import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { flatnessLines } from './flatness';
import { type SoakResult, isPassed, runSoak } from './run';

const root = resolve(__dirname, '../../..');
const usage = 'usage: npm run soak -- [--minutes N]';
const defaultMinutes = 60;

/** Undefined when the command line is not valid. */
function minutesOf(args: string[]): number | undefined {
  try {
    const { minutes = String(defaultMinutes) } = parseArgs({ args, options: { minutes: { type: 'string' } } }).values;
    return /^[1-9]\d{0,3}$/.test(minutes) ? Number(minutes) : undefined;
  } catch {
    return undefined;
  }
}

function report(minutes: number, result: SoakResult): number {
  const { tally, flatness, troubles } = result;
  const grew = flatness.filter(({ isFlat }) => !isFlat).length;
  for (const line of ['', ...flatnessLines(flatness), '', ...tally.complaints(), ...troubles]) console.log(line);
  const { asked, right, refused, wrong, lost, twice } = tally.total();
  const answers = `asked ${asked}, right ${right}, refused ${refused}, wrong ${wrong}, lost ${lost}, twice ${twice}`;
  console.log(`soak: ${minutes} minutes, ${answers}, figures ${flatness.length}, grew ${grew}`);
  return isPassed(result) ? 0 : 1;
}

async function main(): Promise<number> {
  const minutes = minutesOf(process.argv.slice(2));
  if (minutes === undefined) {
    console.error(usage);
    return 2;
  }
  return report(minutes, await runSoak({ minutes }, { root, say: (line) => console.log(line) }));
}

// the exit of this process ends its children
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
