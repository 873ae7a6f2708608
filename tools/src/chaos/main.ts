import { resolve } from 'node:path';
import { exitOnSignals, runCommand, sayWithTime } from '../command/command';
import { parseOptions, usage } from './options';
import { isPassed, runChaos } from './run';
import { countsText, tableLines } from './tally';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  const context = { root: resolve(__dirname, '../../..'), say: sayWithTime() };
  const { tally, troubles } = await runChaos(options, context);
  for (const line of ['', ...tableLines(tally.rows()), '', ...tally.complaints(), ...troubles]) console.log(line);
  console.log(`chaos: ${countsText(tally.total())}`);
  return isPassed({ tally, troubles }) ? 0 : 1;
}

exitOnSignals();
runCommand(main);
