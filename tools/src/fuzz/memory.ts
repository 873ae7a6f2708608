/** How much more memory a process may have at its lowest late in a run than at its lowest early in it. */
const memoryFactor = 1.5;
/** Samples that can be judged: each half of those after the warm-up then holds some that follow a collection. */
const fewestSamples = 16;

/**
 * What is wrong with the memory of a process, in words. Between two collections of garbage it grows in any case, so the
 * lowest sample of the last quarter is compared with the lowest of the second; the first is the warm-up. Too few samples
 * are not judged.
 */
export function faultOfMemory(name: string, samplesBytes: readonly number[]): string | undefined {
  if (samplesBytes.length < fewestSamples) return undefined;
  const quarter = Math.floor(samplesBytes.length / 4);
  const early = Math.min(...samplesBytes.slice(quarter, 2 * quarter));
  const late = Math.min(...samplesBytes.slice(-quarter));
  return late <= early * memoryFactor
    ? undefined
    : `${name} had ${megabytes(early)} MB early and ${megabytes(late)} MB late`;
}

/** Bytes in millions, as people read them. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
