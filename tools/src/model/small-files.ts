import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '@rerank-fleet/contract';
import { parseJsonFile } from '@rerank-fleet/model-runtime';
import { jsonFiles } from './fetch-export';
import type { Export } from './recognise/recognise';

/** The configuration and the tokenizer of a model, parsed as JSON. */
export type SmallFiles = Pick<Export, 'config' | 'tokenizerConfig' | 'tokenizerJson'>;

/** Reads the small files in the staging folder. */
export async function readSmallFiles(staging: string): Promise<Result<{ files: SmallFiles }, { message: string }>> {
  const files: unknown[] = [];
  for (const path of jsonFiles) {
    const parsed = parseJsonFile(await readFile(join(staging, path)));
    if (!parsed.ok) return { ok: false, message: `${path} ${parsed.reason}` };
    files.push(parsed.json);
  }
  const [config, tokenizerConfig, tokenizerJson] = files;
  return { ok: true, files: { config, tokenizerConfig, tokenizerJson } };
}
