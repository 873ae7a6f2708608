import { resolve } from 'node:path';
import { runCommand } from '../command/command';
import { buildAll } from './build';

/** `npm run build`: prints one line about the result; exit code 1 when a bundle fails. */
async function main(): Promise<number> {
  const startedMs = performance.now();
  const result = await buildAll(resolve(__dirname, '../../..'));
  const tookS = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(result === 'fresh' ? '  dist is up to date' : `  built dist in ${tookS} s`);
  return 0;
}

runCommand(main);
