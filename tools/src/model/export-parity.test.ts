import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sigmoid } from '@rerank-fleet/contract';
import { loadBundle, openSession, readProcessor, type Bundle } from '@rerank-fleet/model-runtime';
import { createEncoder, encodePairs, type Encoder, type Row, type Session } from '@rerank-fleet/scoring';
import type { FixtureCase } from '@rerank-fleet/scoring/testing';
import { add } from './commands';
import { defaultOptions, outputOf, runCommand, safetensorsFixtures, useSharedFolder } from './testing';

/** Largest difference to the logits and scores of PyTorch. */
const tolerance = 1e-4;

describe.each(['qwen3-causal', 'qwen3-seqcls', 'bert-cross-encoder', 'roberta-cross-encoder', 'xlmr-cross-encoder'])(
  '%s, exported from safetensors',
  (name) => {
    const folder = join(safetensorsFixtures, name);
    const { cases } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as { cases: FixtureCase[] };
    const scored = cases.filter(({ error }) => error === undefined);
    const setup = useSharedFolder();
    let bundle: Bundle;
    let session: Session;
    let tokenizerJson: unknown;

    beforeAll(async () => {
      outputOf(
        await runCommand((context) => add(context, folder, { ...defaultOptions, name, version: '1' }), setup.models),
      );
      bundle = await loadBundle(join(setup.models, name, '1'));
      session = await openSession(bundle, { provider: 'cpu', threads: 1, processor: await readProcessor() });
      tokenizerJson = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'));
    });
    afterAll(() => session.close());

    const encoders = new Map<number, Encoder>();
    const encoderFor = ({ maxLength }: FixtureCase): Encoder => {
      const made =
        encoders.get(maxLength) ?? createEncoder({ ...bundle.manifest, maxLengthTokens: maxLength }, tokenizerJson);
      encoders.set(maxLength, made);
      return made;
    };
    const encode = (one: FixtureCase) => {
      const { query, document, instruction } = one;
      return encodePairs(encoderFor(one), {
        query,
        documents: [document],
        ...(instruction !== undefined && { instruction }),
      });
    };
    async function rowOf(one: FixtureCase): Promise<Row> {
      const encoded = encode(one);
      const [document] = encoded.ok ? encoded.documents : [];
      if (!encoded.ok || document === undefined) throw new Error(`${one.name} is not encoded`);
      return { query: await session.prepare(encoded.query), document };
    }
    const expectLogits = (logits: Float64Array, wanted: readonly FixtureCase[]) => {
      expect(logits).toHaveLength(wanted.length);
      const differences = wanted.map(({ logit, score }, index) => {
        const found = logits[index] ?? NaN;
        return Math.max(Math.abs(found - logit), Math.abs(sigmoid(found) - score));
      });
      expect(Math.max(...differences)).toBeLessThan(tolerance);
    };

    test(`scores each of ${scored.length} pairs from its text as PyTorch does`, async () => {
      for (const one of scored) expectLogits(await session.score([await rowOf(one)]), [one]);
    });

    test('scores them in padded batches of mixed lengths', async () => {
      for (const order of [scored, scored.toReversed()]) {
        for (let first = 0; first < order.length; first += 9) {
          const batch = order.slice(first, first + 9);
          const rows: Row[] = [];
          for (const one of batch) rows.push(await rowOf(one));
          expectLogits(await session.score(rows), batch);
        }
      }
    });

    test('refuses the pairs that the reference refuses', () => {
      const refused = cases.filter(({ error }) => error !== undefined);
      expect(refused.length).toBeGreaterThan(0);
      for (const one of refused) expect(encode(one)).toMatchObject({ ok: false });
    });
  },
);
