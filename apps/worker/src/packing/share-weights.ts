import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Result } from '@rerank-fleet/contract';
import {
  weightFilesOf,
  withPackedWeights,
  type Bundle,
  type NotPacked,
  type Processor,
} from '@rerank-fleet/model-runtime';
import type { Logger, ShutdownStep } from '@rerank-fleet/service-shell';
import type { WorkerConfig } from '../config';
import type { PackArguments } from './pack-command';

/** Smaller weights are copied by each session: they cost less than a process that packs them. */
const sharedFromBytes = 16 * 2 ** 20;
/** For the weights of an 8B model on a slow disk. */
const buildLimitMs = 15 * 60 * 1000;

export interface Sharing {
  config: Pick<WorkerConfig, 'PROVIDER' | 'PACKED_MODELS_DIR'>;
  processor: Processor;
  /** The main file of this program, which has the command `pack`. */
  main: string;
  logger: Logger;
  shutdownSteps: ShutdownStep[];
}

/**
 * The bundle with packed weights that its sessions share with those of other workers. They are packed first where no
 * worker of this machine has done it yet. Where that is impossible, one line says why and the bundle stays as it is.
 */
export async function shareWeights(bundle: Bundle, options: Sharing): Promise<Bundle> {
  const { config, processor, logger } = options;
  const weightBytes = weightFilesOf(bundle.manifest).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (config.PROVIDER !== 'cpu' || weightBytes < sharedFromBytes) return bundle;
  const folder = config.PACKED_MODELS_DIR;
  const packed = await withPackedWeights(bundle, {
    folder,
    processor,
    build(target) {
      logger.info('packing the weights for this processor', { weightBytes });
      return runPack([bundle.dir, target.folder, target.name], options);
    },
  });
  if (packed.ok) return packed.bundle;
  logger.warn('each session loads the weights for itself', { ...packed.failure, folder });
  return bundle;
}

async function runPack(
  args: PackArguments,
  { main, shutdownSteps }: Sharing,
): Promise<Result<object, { failure: NotPacked }>> {
  const child = spawn(process.execPath, [main, 'pack', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: buildLimitMs,
    killSignal: 'SIGKILL',
  });
  shutdownSteps.push({ name: 'end-packing', timeoutMs: 1_000, run: () => void child.kill('SIGKILL') });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code === 0 ? { ok: true } : { ok: false, failure: { reason: 'build-failed', code: signal ?? String(code) } };
}
