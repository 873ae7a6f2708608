import { resolve } from 'node:path';
import { exitOnSignals, runCommand, sayWithTime } from '../command/command';
import { parseOptions, usage } from './options';
import { runFuzz } from './run';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  const context = { root: resolve(__dirname, '../../..'), say: sayWithTime() };
  const { sent, statuses, faults } = await runFuzz(options, context);
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(counts.join(', '));
  console.log(`fuzz: sent ${sent}, answered ${sent - (statuses.get(0) ?? 0)}, faults ${faults.length}`);
  return faults.length === 0 ? 0 : 1;
}

exitOnSignals();
runCommand(main);
