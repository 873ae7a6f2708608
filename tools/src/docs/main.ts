import { resolve } from 'node:path';
import { runCommand } from '../command/command';
import { stalePages, writePages } from './write';

/** `npm run docs` writes docs/reference; with `-- --check` it writes nothing and fails when a page is out of date. */
async function main(): Promise<number> {
  const root = resolve(__dirname, '../../..');
  if (!process.argv.includes('--check')) {
    await writePages(root);
    return 0;
  }
  const stale = await stalePages(root);
  for (const path of stale) console.error(`${path} is out of date; run npm run docs`);
  return stale.length > 0 ? 1 : 0;
}

runCommand(main);
