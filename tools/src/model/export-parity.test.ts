import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sigmoid } from '@rerank-fleet/contract';
import { loadBundle, openSession, readProcessor, type Bundle } from '@rerank-fleet/model-runtime';
import {
  createEncoder,
  encodePairs,
  type EncodedQuery,
  type Encoder,
  type Row,
  type Session,
} from '@rerank-fleet/scoring';
import { casesPerCall, type FixtureCase } from '@rerank-fleet/scoring/testing';
import { add } from './commands';
import { defaultOptions, outputOf, runCommand, safetensorsFixtures, useSharedFolder } from './testing';

const names = ['qwen3-causal', 'qwen3-seqcls', 'bert-cross-encoder', 'roberta-cross-encoder', 'xlmr-cross-encoder'];

/** A query of no tokens: rows after it are read as a whole. */
const noQuery = { ids: new Int32Array(), keysAndValues: new Float32Array() };

function commonTokens(one: Int32Array, other: Int32Array): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) if (one[at] !== other[at]) return at;
  return length;
}

/** Largest difference to the logits and scores of PyTorch. float16 has 11 bits, and the logits reach 10. */
const tolerances = { fp32: 1e-4, fp16: 0.05 };

describe.each(
  names.flatMap((name) => [
    { name, variant: 'fp32' as const },
    { name, variant: 'fp16' as const },
  ]),
)('$name, exported from safetensors as $variant', ({ name, variant }) => {
  const tolerance = tolerances[variant];
  const folder = join(safetensorsFixtures, name);
  const { cases } = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as { cases: FixtureCase[] };
  const scored = cases.filter(({ error }) => error === undefined);
  const setup = useSharedFolder();
  let bundle: Bundle;
  let session: Session;
  let tokenizerJson: unknown;

  beforeAll(async () => {
    outputOf(
      await runCommand(
        (context) => add(context, folder, { ...defaultOptions, name, version: '1', variant }),
        setup.models,
      ),
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
  function encodedPair(one: FixtureCase) {
    const encoded = encode(one);
    const [document] = encoded.ok ? encoded.documents : [];
    if (!encoded.ok || document === undefined) throw new Error(`${one.name} is not encoded`);
    return { query: encoded.query, document };
  }
  async function rowOf(one: FixtureCase): Promise<Row> {
    const { query, document } = encodedPair(one);
    return { query: await session.prepare(query), document };
  }
  function wholeRowOf(one: FixtureCase): Row {
    const { query, document } = encodedPair(one);
    const ids = Int32Array.of(...query.ids, ...document.ids);
    return { query: noQuery, document: { ...document, ids } };
  }
  const expectLogits = (logits: Float64Array, wanted: readonly FixtureCase[]) => {
    expect(logits).toHaveLength(wanted.length);
    const differences = wanted.map(({ logit, score }, index) => {
      const found = logits[index] ?? NaN;
      return Math.max(Math.abs(found - logit), Math.abs(sigmoid(found) - score));
    });
    expect(Math.max(...differences)).toBeLessThan(tolerance);
  };

  test('the manifest has the type and a budget for GPUs', () => {
    const dtype = variant === 'fp16' ? 'float16' : 'float32';
    // keys and values of a query would be copied to the device for each call
    const isForGpu = !(variant === 'fp32' && name.startsWith('qwen3'));
    expect(bundle.manifest).toMatchObject({ dtype, maxRows: 64 });
    expect(bundle.manifest.tokenBudget).toEqual({ cpu: 256, ...(isForGpu && { cuda: 8_192 }) });
    expect(bundle.manifest.quantization?.pairs).toBe(variant === 'fp16' ? 60 : undefined);
  });

  test(`scores each of ${scored.length} pairs from its text as PyTorch does`, async () => {
    for (const one of scored) expectLogits(await session.score([await rowOf(one)]), [one]);
  });

  test('scores them in padded batches of mixed lengths', async () => {
    for (const order of [scored, scored.toReversed()]) {
      for (const batch of casesPerCall(order, session.traits)) {
        const rows: Row[] = [];
        for (const one of batch) rows.push(await rowOf(one));
        const [{ query } = { query: undefined }] = rows;
        expectLogits(
          await session.score(rows.map((row) => (session.traits.mixesQueries ? row : { ...row, query }))),
          batch,
        );
      }
    }
  });

  if (name.startsWith('qwen3') && variant === 'fp32') {
    test('scores them without a kept query, as whole rows', async () => {
      for (const order of [scored, scored.toReversed()]) {
        for (let first = 0; first < order.length; first += 9) {
          const batch = order.slice(first, first + 9);
          expectLogits(await session.score(batch.map(wholeRowOf)), batch);
        }
      }
    });

    test('prepares a query from the start of another one as it does alone', async () => {
      let known: { query: EncodedQuery; prepared: unknown } | undefined;
      for (const one of scored) {
        const { query, document } = encodedPair(one);
        const alone = await session.prepare(query);
        const tokens = known === undefined ? 0 : commonTokens(known.query.ids, query.ids);
        if (known !== undefined && tokens > 0 && tokens < query.ids.length) {
          const continued = await session.prepare(query, { prepared: known.prepared, tokens });
          expect(await session.score([{ query: continued, document }])).toEqual(
            await session.score([{ query: alone, document }]),
          );
        }
        known = { query, prepared: alone };
      }
    });
  }

  test('refuses the pairs that the reference refuses', () => {
    const refused = cases.filter(({ error }) => error !== undefined);
    expect(refused.length).toBeGreaterThan(0);
    for (const one of refused) expect(encode(one)).toMatchObject({ ok: false });
  });
});
