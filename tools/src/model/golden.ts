import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sigmoid } from '@rerank-fleet/contract';
import { BundleError, parseJsonFile, type Bundle } from '@rerank-fleet/model-runtime';
import { encodePairs, type Encoder, type Manifest, type Session } from '@rerank-fleet/scoring';
import { z } from 'zod';
import { withBundle, type OpenBundle } from './trial';

const caseSchema = z.object({
  query: z.string(),
  document: z.string(),
  instruction: z.string().optional(),
  /** The model's output before calibration, or the logit if the model has no calibration. */
  raw: z.number(),
  score: z.number(),
});

/** golden.json of a bundle: pairs with their expected scores. */
const goldenSchema = z.object({ about: z.string().optional(), cases: z.array(caseSchema).min(1) });

export type GoldenCase = z.infer<typeof caseSchema>;

/** Texts on which every new bundle is scored: two questions, each with a right and a wrong answer. */
const pairs = [
  {
    query: 'Which planet is known as the Red Planet?',
    documents: [
      'Mars, known for its reddish appearance, is often referred to as the Red Planet.',
      "Venus is often called Earth's twin because of its similar size and proximity.",
    ],
  },
  {
    query: '怎样解决显存不足?',
    documents: ['减小批大小、使用半精度或量化模型可以降低显存占用。', '本店周一至周五上午九点开门。'],
  },
];

/** Scores the texts of {@link pairs}. */
export async function scorePairs(open: OpenBundle): Promise<GoldenCase[]> {
  const cases = pairs.flatMap(({ query, documents }) => documents.map((document) => ({ query, document })));
  const logits = await scoreCases(open, cases);
  return cases.map((one, index) => {
    const logit = logits[index] ?? NaN;
    return { ...one, raw: rawOf(open.bundle.manifest, logit), score: sigmoid(logit) };
  });
}

/** Writes golden.json with the scores of this machine. A later `verify` compares with them. */
export async function writeGolden(folder: string, cases: readonly GoldenCase[]): Promise<void> {
  const about =
    'Scores that this bundle gave when it was installed. They show whether something has changed (the machine, onnxruntime, a file), not whether the model ranks well.';
  await writeFile(join(folder, 'golden.json'), `${JSON.stringify({ about, cases }, null, 2)}\n`);
}

/** The golden cases of a bundle; undefined if it has no golden.json or an incomplete one. */
export async function readGolden(bundle: Bundle): Promise<GoldenCase[] | undefined> {
  const bytes = await readFile(join(bundle.dir, 'golden.json')).catch(() => undefined);
  return bytes && parseGolden(bytes);
}

export type GoldenResult =
  | { kind: 'compared'; cases: number; largestRaw: number; largestScore: number; meanRaw: number; isRight: boolean }
  | { kind: 'absent' }
  | { kind: 'unreadable' };

/** Scores the bundle's golden cases again and compares them with golden.json, within the manifest's tolerance. */
export async function compareGolden(bundle: Bundle): Promise<GoldenResult> {
  const bytes = await readFile(join(bundle.dir, 'golden.json')).catch(() => undefined);
  if (bytes === undefined) return { kind: 'absent' };
  const golden = parseGolden(bytes);
  if (golden === undefined) return { kind: 'unreadable' };
  const logits = await withBundle(bundle, (open) => scoreCases(open, golden));
  const differences = golden.map(({ raw, score }, index) => {
    const logit = logits[index] ?? NaN;
    return { raw: Math.abs(rawOf(bundle.manifest, logit) - raw), score: Math.abs(sigmoid(logit) - score) };
  });
  const largestRaw = Math.max(...differences.map(({ raw }) => raw));
  const largestScore = Math.max(...differences.map(({ score }) => score));
  const meanRaw = differences.reduce((sum, { raw }) => sum + raw, 0) / differences.length;
  const { golden: tolerance } = bundle.manifest.tolerance;
  const isRight = largestRaw <= tolerance.raw && largestScore <= tolerance.score && meanRaw <= tolerance.meanRaw;
  return { kind: 'compared', cases: golden.length, largestRaw, largestScore, meanRaw, isRight };
}

function parseGolden(bytes: Uint8Array): GoldenCase[] | undefined {
  const file = parseJsonFile(bytes);
  const parsed = goldenSchema.safeParse(file.ok ? file.json : undefined);
  return parsed.success ? parsed.data.cases : undefined;
}

/** The logit of each pair, one row per call. */
async function scoreCases(
  { encoder, session }: OpenBundle,
  cases: readonly Omit<GoldenCase, 'raw' | 'score'>[],
): Promise<number[]> {
  const logits: number[] = [];
  for (const one of cases) logits.push(await scoreCase(session, encoder, one));
  return logits;
}

async function scoreCase(
  session: Session,
  encoder: Encoder,
  { query, document, instruction }: Omit<GoldenCase, 'raw' | 'score'>,
): Promise<number> {
  const input = { query, documents: [document], ...(instruction !== undefined && { instruction }) };
  const encoded = encodePairs(encoder, input);
  if (!encoded.ok) {
    throw new BundleError(`a pair of test texts does not fit: ${encoded.failure.message}`);
  }
  const prepared = await session.prepare(encoded.query);
  const [logit = NaN] = await session.score(encoded.documents.map((row) => ({ query: prepared, document: row })));
  return logit;
}

/** The value before calibration. Golden files of late-interaction bundles hold this value. */
function rawOf(manifest: Manifest, logit: number): number {
  if (manifest.head !== 'late-interaction') return logit;
  return logit / manifest.calibration.slope + manifest.calibration.midpoint;
}
