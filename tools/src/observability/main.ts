import { resolve } from 'node:path';
import { staleFiles, writeGenerated } from './generated';

/** `npm run observability` writes rules, their tests and dashboards; with `-- --check` it only fails when one is stale. */
async function main(): Promise<void> {
  const root = resolve(__dirname, '../../..');
  if (!process.argv.includes('--check')) return writeGenerated(root);
  const stale = await staleFiles(root);
  for (const path of stale) console.error(`${path} is out of date; run npm run observability`);
  process.exitCode = stale.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
