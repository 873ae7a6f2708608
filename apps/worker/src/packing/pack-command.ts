import { BundleError, loadBundle, packModel, readProcessor, switchOffTelemetry } from '@rerank-fleet/model-runtime';

/** The arguments of {@link pack}. */
export type PackArguments = readonly [bundleFolder: string, targetFolder: string, name: string];

/**
 * Packs the weights of a bundle into an empty folder. A worker runs it as a process of its own: packing blocks for
 * seconds, the process can be killed at any time, and its memory is free afterwards.
 * @throws BundleError
 */
export async function pack([bundleFolder, targetFolder, name]: readonly string[]): Promise<void> {
  if (bundleFolder === undefined || targetFolder === undefined || name === undefined) {
    throw new BundleError('pack takes the folder of a bundle, an empty folder and a name');
  }
  switchOffTelemetry(process.env);
  const bundle = await loadBundle(bundleFolder);
  await packModel(bundle, { processor: await readProcessor(), folder: targetFolder, name });
}
