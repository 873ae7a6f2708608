import { resolve } from 'node:path';
import { buildAll } from './build';

/** `npm run build`: prints one line about the result; exit code 1 when a bundle fails. */
async function main(): Promise<void> {
  const startedMs = performance.now();
  const result = await buildAll(resolve(__dirname, '../../..'));
  const tookS = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(result === 'fresh' ? '  dist is up to date' : `  built dist in ${tookS} s`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
