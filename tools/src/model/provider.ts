import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Provider } from '@rerank-fleet/scoring';

const limitMs = 10_000;

/** What models are served on where nobody has said it: a GPU where nvidia-smi lists one. */
export async function providerOfMachine(program = 'nvidia-smi'): Promise<Provider> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--list-gpus'], { timeout: limitMs });
    return /^GPU \d+:/m.test(stdout) ? 'cuda' : 'cpu';
  } catch {
    return 'cpu';
  }
}
