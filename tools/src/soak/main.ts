import { resolve } from 'node:path';
import { countsText } from '../chaos/tally';
import { exitOnSignals, parsedArgs, runCommand } from '../command/command';
import { flatnessLines } from './flatness';
import { type SoakResult, isPassed, runSoak } from './run';

const root = resolve(__dirname, '../../..');
const usage = 'usage: npm run soak -- [--minutes N]';

/** Undefined when the command line is not valid. */
function minutesOf(args: string[]): number | undefined {
  const values = parsedArgs({ args, options: { minutes: { type: 'string', default: '60' } } })?.values;
  return values && /^[1-9]\d{0,3}$/.test(values.minutes) ? Number(values.minutes) : undefined;
}

function report(minutes: number, result: SoakResult): number {
  const { tally, flatness, troubles } = result;
  const grew = flatness.filter(({ isFlat }) => !isFlat).length;
  for (const line of ['', ...flatnessLines(flatness), '', ...tally.complaints(), ...troubles]) console.log(line);
  console.log(`soak: ${minutes} minutes, ${countsText(tally.total())}, figures ${flatness.length}, grew ${grew}`);
  return isPassed(result) ? 0 : 1;
}

async function main(): Promise<number> {
  const minutes = minutesOf(process.argv.slice(2));
  if (minutes === undefined) {
    console.error(usage);
    return 2;
  }
  return report(minutes, await runSoak(minutes, { root, say: (line) => console.log(line) }));
}

exitOnSignals();
runCommand(main);
