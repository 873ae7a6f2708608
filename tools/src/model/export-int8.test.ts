import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sigmoid } from '@rerank-fleet/contract';
import { loadBundle, openEncoder, openSession, type Bundle } from '@rerank-fleet/model-runtime';
import { encodePairs, type Row, type Session } from '@rerank-fleet/scoring';
import { casesPerCall, type FixtureCase } from '@rerank-fleet/scoring/testing';
import { add, list } from './commands';
import { costLimits } from './quantization/measure';
import { defaultOptions, outputOf, runCommand, safetensorsFixtures, useSharedFolder } from './testing';

/** A processor that adds pairs of 8-bit products in 16 bits, and one that does not. The machine is what it is. */
const [narrow, wide] = [{ addsInt8PairsIn16Bits: true }, { addsInt8PairsIn16Bits: false }];

describe.each(['qwen3-causal', 'qwen3-seqcls', 'bert-cross-encoder', 'roberta-cross-encoder', 'xlmr-cross-encoder'])(
  '%s in int8',
  (name) => {
    const folder = join(safetensorsFixtures, name);
    const { cases } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as { cases: FixtureCase[] };
    const whole = cases.filter(({ error, truncated }) => error === undefined && !truncated);
    const setup = useSharedFolder();
    let output: string;
    let bundle: Bundle;
    let session: Session;
    let rows: Row[];
    let alone: number[];

    const open = (exactInt8Sums: boolean, processor = wide) =>
      openSession(
        { ...bundle, manifest: { ...bundle.manifest, exactInt8Sums } },
        { provider: 'cpu', threads: 1, processor },
      );
    const scoreAll = async (by: Session): Promise<number[]> => {
      const logits: number[] = [];
      for (const row of rows) logits.push(...(await by.score([row])));
      return logits;
    };

    beforeAll(async () => {
      const options = { ...defaultOptions, name, version: '1', variant: 'int8' } as const;
      output = outputOf(await runCommand((context) => add(context, folder, options), setup.models));
      bundle = await loadBundle(join(setup.models, name, '1'));
      session = await open(false);
      const encoder = await openEncoder(bundle);
      rows = [];
      for (const { query, document, instruction } of whole) {
        const encoded = encodePairs(encoder, {
          query,
          documents: [document],
          ...(instruction !== undefined && { instruction }),
        });
        const [row] = encoded.ok ? encoded.documents : [];
        if (!encoded.ok || row === undefined) throw new Error('not encoded');
        rows.push({ query: await session.prepare(encoded.query), document: row });
      }
      alone = await scoreAll(session);
    });
    afterAll(() => session.close());

    test('the manifest says what int8 costs, which add and list show', async () => {
      const { manifest } = bundle;
      expect(manifest).toMatchObject({ dtype: 'int8', maxRows: 64, quantization: { pairs: 60, queries: 12 } });
      expect(manifest.exactInt8Sums).toBeUndefined();
      const mean = manifest.quantization?.meanScoreDifference ?? NaN;
      expect(mean).toBeGreaterThan(0);
      expect(output).toContain(`scores differ by ${mean.toFixed(4)} on average`);
      expect(outputOf(await runCommand(list, setup.models))).toContain(mean.toFixed(4));
    });

    test("scores are as near to PyTorch's as the stated limits", () => {
      const differences = whole.map(({ score }, index) => Math.abs(sigmoid(alone[index] ?? NaN) - score));
      expect(Math.max(...differences)).toBeLessThan(costLimits.int8.largestScoreDifference);
      const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
      expect(mean).toBeLessThan(costLimits.int8.meanScoreDifference);
    });

    test('a score is the same to the last bit alone and beside rows of other lengths', async () => {
      for (const order of [whole, whole.toReversed()]) {
        for (const batch of casesPerCall(order, session.traits)) {
          const indices = batch.map((one) => whole.indexOf(one));
          const { mixesQueries } = session.traits;
          const shared = rows[indices[0] as number]?.query;
          const together = indices.map((index) => rows[index] as Row);
          const logits = await session.score(
            mixesQueries ? together : together.map((row) => ({ ...row, query: shared })),
          );
          expect([...logits]).toEqual(indices.map((index) => alone[index]));
        }
      }
    });

    test('sums are exact without x64quantprecision, whatever the processor', async () => {
      const exact = await open(true, narrow);
      try {
        expect(await scoreAll(exact)).toEqual(alone);
      } finally {
        await exact.close();
      }
    });
  },
);
