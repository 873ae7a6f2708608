import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GoldenLanguage, goldenLanguages } from '@rerank-fleet/metrics';
import { z } from 'zod';

const gradeMax = 3;
/** Lowest grade of a document that answers its query, at least in part. */
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

/** A query with graded documents. */
export type GoldenQuery = z.infer<typeof querySchema>;

/** All golden queries and their checksum. */
export interface GoldenSet {
  languages: { language: GoldenLanguage; queries: GoldenQuery[] }[];
  /** SHA-256 of all files, hex. Baselines with another checksum cannot be compared. */
  sha256: string;
}

/** A file of golden queries or a baseline cannot be used. The message is one line for the operator. */
export class GoldenFileError extends Error {}

/**
 * Reads `<language>.json` of every language.
 *
 * @throws GoldenFileError with the file and its fault
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

/** @throws GoldenFileError with the file and its first fault */
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
