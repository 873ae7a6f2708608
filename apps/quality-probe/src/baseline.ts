import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from './golden-set';
import { scoreBuckets } from './measures';

const qualitySchema = z.object({
  ndcg: z.number().min(0).max(1),
  mrr: z.number().min(0).max(1),
  scoreCounts: z.array(z.number().int().min(0)).length(scoreBuckets),
});

const baselineSchema = z.object({
  model: z.string(),
  version: z.string(),
  /** Revision of the measured weights. */
  revision: z.string(),
  measuredAt: z.string(),
  /** Checksum of the golden queries. */
  goldenSha256: z.string(),
  languages: z.object({ en: qualitySchema, zh: qualitySchema }),
});

/** The stored quality of a model, with which later rounds are compared. */
export type Baseline = z.infer<typeof baselineSchema>;

/** Name and version of a model. */
export interface ModelRef {
  model: string;
  version: string;
}

function fileName({ model, version }: ModelRef): string {
  return `${model.replaceAll('/', '_')}@${version}.json`;
}

/**
 * The stored baseline of a model in the first folder that has one.
 *
 * @throws GoldenFileError when the file is damaged
 */
export function readBaseline(folders: readonly string[], model: ModelRef): Baseline | undefined {
  const path = folders.map((folder) => join(folder, fileName(model))).find((each) => existsSync(each));
  return path === undefined ? undefined : parseJson(path, readFileSync(path, 'utf8'), baselineSchema);
}

/** Writes a baseline atomically: a concurrent reader gets the old or the new one. */
export function writeBaseline(folder: string, baseline: Baseline): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, fileName(baseline));
  writeFileSync(`${path}.new`, `${JSON.stringify(baseline, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
  return path;
}
