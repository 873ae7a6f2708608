import { resolve } from 'node:path';
import { stalePages, writePages } from './write';

/** `npm run docs` writes docs/reference; with `-- --check` it writes nothing and fails when a page is out of date. */
async function main(): Promise<void> {
  const root = resolve(__dirname, '../../..');
  if (!process.argv.includes('--check')) return writePages(root);
  const stale = await stalePages(root);
  for (const path of stale) console.error(`${path} is out of date; run npm run docs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
