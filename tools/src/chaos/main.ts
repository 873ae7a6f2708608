import { resolve } from 'node:path';
import { parseOptions, usage } from './options';
import { isPassed, runChaos } from './run';
import { lastLine, tableLines } from './tally';

const root = resolve(__dirname, '../../..');

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  const beganMs = performance.now();
  const say = (line: string) => console.log(`${Math.round((performance.now() - beganMs) / 1000)} s  ${line}`);
  const { tally, troubles } = await runChaos(options, { root, say });
  for (const line of ['', ...tableLines(tally.rows()), '', ...tally.complaints(), ...troubles]) console.log(line);
  console.log(lastLine(tally.total()));
  return isPassed({ tally, troubles }) ? 0 : 1;
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
