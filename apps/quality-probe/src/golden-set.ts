import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GoldenLanguage, goldenLanguages } from '@rerank-fleet/metrics';
import { z } from 'zod';

const gradeMax = 3;
/** From this grade on a document answers its query, at least in part. */
export const relevantGrade = 2;

const documentSchema = z.object({ text: z.string().min(1), grade: z.number().int().min(0).max(gradeMax) });

const querySchema = z.object({
  id: z.string().min(1),
  query: z.string().min(1),
  documents: z
    .array(documentSchema)
    .min(2)
    .refine((documents) => documents.some(({ grade }) => grade >= relevantGrade), {
      error: 'has no relevant document',
    }),
});

const fileSchema = z.object({ language: z.enum(goldenLanguages), queries: z.array(querySchema).min(1) });

/** A query whose right order is known. */
export type GoldenQuery = z.infer<typeof querySchema>;

/** All golden queries, and what tells one edition of them from another. */
export interface GoldenSet {
  languages: { language: GoldenLanguage; queries: GoldenQuery[] }[];
  /** SHA-256 over all files, hex: baselines of another edition say nothing. */
  sha256: string;
}

/** A file of golden queries or a baseline that cannot be used: its message is one line for the operator. */
export class GoldenFileError extends Error {}

/**
 * Reads `<language>.json` of every language.
 *
 * @throws GoldenFileError, naming the file and what is wrong with it
 */
export function readGoldenSet(folder: string): GoldenSet {
  const hash = createHash('sha256');
  const languages = goldenLanguages.map((language) => {
    const path = join(folder, `${language}.json`);
    const text = readFile(path);
    hash.update(text);
    const { queries, language: said } = parseJson(path, text, fileSchema);
    if (said !== language) throw new GoldenFileError(`${path}: its language is ${said}`);
    return { language, queries };
  });
  return { languages, sha256: hash.digest('hex') };
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new GoldenFileError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** @throws GoldenFileError, naming the file and the first fault */
export function parseJson<T>(path: string, text: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GoldenFileError(`${path}: is not JSON`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new GoldenFileError(`${path}: ${issue?.path.join('.')}: ${issue?.message}`);
}
