import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sigmoid, type Result } from '@rerank-fleet/contract';
import type { Bundle } from '@rerank-fleet/model-runtime';
import { encodePairs, type Manifest } from '@rerank-fleet/scoring';
import { withBundle, type OpenBundle } from '../trial';
import { oddTexts } from './texts';
import { openReference, type Pair, type Reference } from './transformers';

/** A pair, with the reason why transformers.js is known to differ at it. */
interface Case extends Pair {
  known?: string;
}

/** A pair with other ids or scores in transformers.js. `index` counts golden pairs first, then odd texts. */
export interface Difference {
  index: number;
  document: string;
  /** Why transformers.js is known to differ at this pair; undefined if the difference is not known. */
  known: string | undefined;
  what:
    | { kind: 'ids'; position: number; ours: number | undefined; theirs: number | undefined }
    | { kind: 'score'; ours: number; theirs: number }
    /** transformers.js throws for the pair. */
    | { kind: 'failure' };
}

/** The result of comparing a bundle with transformers.js. */
export interface Comparison {
  rows: number;
  /** Rows that this server truncates. They are not compared. */
  cutRows: number;
  differences: Difference[];
  /** The largest difference of all compared scores, or why scores were not compared. */
  scores: { kind: 'compared'; largest: number } | { kind: 'absent'; reason: string };
}

export interface CompareOptions {
  /** The bundle's golden pairs. */
  golden: readonly Pair[];
  /** The folder that transformers.js reads. Default: the bundle's folder. */
  folder?: string;
}

const query = 'Which planet is known as the Red Planet?';

/**
 * Compares token ids, and also scores (within the manifest's tolerance) if transformers.js can run the graph.
 * @returns a failure with one line if transformers.js cannot read the bundle.
 */
export async function compareWithReference(
  bundle: Bundle,
  { golden, folder = bundle.dir }: CompareOptions,
): Promise<Result<{ comparison: Comparison }, { message: string }>> {
  const tokenizerJson = await readFile(join(bundle.dir, bundle.manifest.files.tokenizer.path), 'utf8');
  const cases: Case[] = [...golden, ...oddCases(bundle.manifest, tokenizerJson)];
  // One implementation after the other, so that only one copy of the weights is in memory.
  const ours = await withBundle(bundle, (open) => readAll(open, cases));
  const opened = await openReference(bundle, folder);
  if (!opened.ok) return opened;
  const { reference } = opened;
  try {
    const comparison: Comparison = {
      rows: 0,
      cutRows: 0,
      differences: [],
      scores:
        reference.noLogits === undefined
          ? { kind: 'compared', largest: 0 }
          : { kind: 'absent', reason: reference.noLogits },
    };
    for (const [index, one] of cases.entries()) {
      const row = ours[index];
      if (row === undefined) comparison.cutRows++;
      else await compareRow(comparison, { index, one, row, reference, bundle });
    }
    return { ok: true, comparison };
  } finally {
    await reference.close();
  }
}

/** Each odd text as a document. A known difference applies only if the bundle has the part that causes it. */
function oddCases(manifest: Manifest, tokenizerJson: string): Case[] {
  return oddTexts.map(({ text, known }) => ({
    query,
    document: text,
    ...(known?.concerns(manifest, tokenizerJson) && { known: known.reason }),
  }));
}

interface OurRow {
  ids: number[];
  logit: number;
}

/** Encodes and scores pairs as a worker does; undefined for a pair that does not fit. */
async function readAll({ encoder, session }: OpenBundle, cases: readonly Case[]): Promise<(OurRow | undefined)[]> {
  const rows: (OurRow | undefined)[] = [];
  for (const { query: text, document, instruction } of cases) {
    const encoded = encodePairs(encoder, {
      query: text,
      documents: [document],
      ...(instruction !== undefined && { instruction }),
    });
    const [row] = encoded.ok ? encoded.documents : [];
    if (!encoded.ok || row === undefined || row.truncation !== undefined) {
      rows.push(undefined);
      continue;
    }
    const prepared = await session.prepare(encoded.query);
    const [logit = NaN] = await session.score([{ query: prepared, document: row }]);
    rows.push({ ids: [...encoded.query.ids, ...row.ids], logit });
  }
  return rows;
}

interface RowToCompare {
  index: number;
  one: Case;
  row: OurRow;
  reference: Reference;
  bundle: Bundle;
}

async function compareRow(comparison: Comparison, { index, one, row, reference, bundle }: RowToCompare): Promise<void> {
  comparison.rows++;
  const note = (what: Difference['what']): void =>
    void comparison.differences.push({ index, document: one.document, known: one.known, what });
  const theirs = await reference.read(one).catch(() => undefined);
  if (theirs === undefined) return note({ kind: 'failure' });
  const position = firstDifference(row.ids, theirs.ids);
  if (position !== undefined) note({ kind: 'ids', position, ours: row.ids[position], theirs: theirs.ids[position] });
  if (theirs.logit === undefined || comparison.scores.kind !== 'compared') return;
  const { golden } = bundle.manifest.tolerance;
  const [ourScore, theirScore] = [sigmoid(row.logit), sigmoid(theirs.logit)];
  const difference = Math.abs(ourScore - theirScore);
  // A row with different ids has a different score.
  if (position === undefined) comparison.scores.largest = Math.max(comparison.scores.largest, difference);
  const isAlike = difference <= golden.score && Math.abs(row.logit - theirs.logit) <= golden.raw;
  if (!isAlike) note({ kind: 'score', ours: ourScore, theirs: theirScore });
}

function firstDifference(ours: readonly number[], theirs: readonly number[]): number | undefined {
  const length = Math.max(ours.length, theirs.length);
  for (let at = 0; at < length; at++) if (ours[at] !== theirs[at]) return at;
  return undefined;
}
