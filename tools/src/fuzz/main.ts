import { resolve } from 'node:path';
import { parseOptions, usage } from './options';
import { runFuzz } from './run';

const root = resolve(__dirname, '../../..');

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    console.error(usage);
    return 2;
  }
  const beganMs = performance.now();
  const say = (line: string) => console.log(`${Math.round((performance.now() - beganMs) / 1000)} s  ${line}`);
  const { sent, statuses, faults } = await runFuzz(options, { root, say });
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(counts.join(', '));
  console.log(`fuzz: sent ${sent}, answered ${sent - (statuses.get(0) ?? 0)}, faults ${faults.length}`);
  return faults.length === 0 ? 0 : 1;
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
