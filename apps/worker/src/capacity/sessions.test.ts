import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseManifest, type Manifest } from '@rerank-fleet/scoring';
import { readFixtureManifest } from '@rerank-fleet/scoring/testing';
import fc from 'fast-check';
import { footprintOf, planSessions, type SessionLimits } from './sessions';

const mib = 2 ** 20;
const gib = 2 ** 30;

function shippedManifest(): Manifest {
  const path = join(__dirname, '../../../../models/multilingual-e5-small/1/manifest.json');
  const parsed = parseManifest(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.manifest;
}

const shipped = shippedManifest();
const prepared = 256 * mib;
const footprint = footprintOf({ manifest: shipped }, { preparedBytes: prepared, encoders: 1 });

const plan = (limits: Partial<SessionLimits>) =>
  planSessions({ wanted: undefined, provider: 'cpu', cores: 2, memoryLimitBytes: Infinity, footprint, ...limits });

/** A bundle with weights of another size, a part of them in a file of their own. */
const withWeights = (manifest: Manifest, weightBytes: number): Manifest => ({
  ...manifest,
  files: {
    ...manifest.files,
    model: { ...manifest.files.model, sizeBytes: 1_000_000 },
    modelData: { ...manifest.files.model, path: 'model.onnx_data', sizeBytes: weightBytes - 1_000_000 },
  },
});

describe('the footprint of a bundle', () => {
  it.each([
    [1, 521],
    [2, 646],
    [4, 954],
  ])('is that of the shipped one with %d sessions, as it was measured, within a tenth', (sessions, measuredMib) => {
    const estimatedMib = (footprint.baseBytes + sessions * footprint.sessionBytes) / mib;
    expect(estimatedMib).toBeGreaterThan(measuredMib * 0.95);
    expect(estimatedMib).toBeLessThan(measuredMib * 1.1);
  });

  it.each([
    ['sessions share them', { packedModel: 'model.onnx' }, { shared: 1, own: 0 }],
    ['each session loads them', {}, { shared: 0, own: 1 }],
  ])('counts the weights where %s', (_where, packed, { shared, own }) => {
    const of = (weightBytes: number) =>
      footprintOf({ manifest: withWeights(shipped, weightBytes), ...packed }, { preparedBytes: 0, encoders: 1 });
    const [small, large] = [of(gib), of(5 * gib)];
    expect(large.baseBytes - small.baseBytes).toBe(shared * 5 * gib);
    expect(large.sessionBytes - small.sessionBytes).toBe(own * 5 * gib);
  });

  it('counts the tokenizer once per encoder', () => {
    const bytesOf = (encoders: number) =>
      footprintOf({ manifest: shipped }, { preparedBytes: prepared, encoders }).baseBytes;
    expect(bytesOf(1)).toBe(footprint.baseBytes);
    const tokenizerBytes = bytesOf(2) - bytesOf(1);
    expect(tokenizerBytes).toBeGreaterThan(shipped.files.tokenizer.sizeBytes);
    expect(bytesOf(5) - bytesOf(1)).toBe(4 * tokenizerBytes);
  });

  it('counts weights in a file of their own', () => {
    expect(
      footprintOf({ manifest: withWeights(shipped, 1.16 * gib) }, { preparedBytes: prepared, encoders: 1 })
        .sessionBytes,
    ).toBeGreaterThan(1.16 * gib);
  });

  it('counts what is kept of queries only where it is keys and values, which fill all that they may', () => {
    const bytesOf = (version: string, keptBytes: number) =>
      footprintOf({ manifest: readFixtureManifest('tiny-qwen3', version) }, { preparedBytes: keptBytes, encoders: 1 })
        .baseBytes;
    expect(bytesOf('kv', prepared) - bytesOf('kv', 0)).toBe(prepared);
    expect(bytesOf('plain', prepared)).toBe(bytesOf('plain', 0));
    expect(footprintOf({ manifest: shipped }, { preparedBytes: prepared, encoders: 1 })).toEqual(
      footprintOf({ manifest: shipped }, { preparedBytes: 0, encoders: 1 }),
    );
  });
});

describe('planning sessions', () => {
  it.each<[string, Partial<SessionLimits>, number]>([
    ['one for each core without a memory limit', { cores: 2 }, 2],
    ['one for each core of a huge host without a memory limit', { cores: 256 }, 256],
    ['one for each core where the memory has room', { cores: 4, memoryLimitBytes: 4 * gib }, 4],
    ['what fits on many cores with little memory', { cores: 64, memoryLimitBytes: 4 * gib }, 25],
    ['what fits on few cores with less memory', { cores: 2, memoryLimitBytes: 600 * mib }, 1],
    ['one where the estimate is only just over the limit', { cores: 8, memoryLimitBytes: 500 * mib }, 1],
    ['what was asked for, also more than the cores', { wanted: 5, cores: 2 }, 5],
    ['what was asked for, also more than fit', { wanted: 8, cores: 8, memoryLimitBytes: 1 * gib }, 8],
    ['one on a device, whatever the cores', { provider: 'cuda', cores: 64, memoryLimitBytes: 300 * mib }, 1],
    ['on a device what was asked for', { provider: 'cuda', wanted: 2 }, 2],
  ])('takes %s', (_what, limits, sessions) => {
    expect(plan(limits)).toMatchObject({ ok: true, sessions });
  });

  it('says what is needed, what there is and how many fit, where more were asked for than fit', () => {
    expect(plan({ wanted: 8, memoryLimitBytes: 1 * gib })).toEqual({
      ok: true,
      sessions: 8,
      excess: { neededMib: 1_555, limitMib: 1_024, fittingSessions: 4 },
    });
    expect(plan({ memoryLimitBytes: 500 * mib })).toMatchObject({ sessions: 1, excess: { fittingSessions: 0 } });
  });

  it.each([300 * mib, 430 * mib, 1])('refuses to start where not even one session fits into %d bytes', (limit) => {
    for (const wanted of [undefined, 1, 16]) {
      expect(plan({ wanted, memoryLimitBytes: limit })).toEqual({
        ok: false,
        message: expect.stringMatching(
          /^needs about 554 MiB of memory with one session, but the limit is \d+ MiB: .+$/,
        ),
      });
    }
  });

  it('refuses a large bundle where the shipped one fits', () => {
    const large = footprintOf({ manifest: withWeights(shipped, 2.2 * gib) }, { preparedBytes: prepared, encoders: 1 });
    expect(plan({ memoryLimitBytes: 2 * gib })).toMatchObject({ ok: true });
    expect(plan({ memoryLimitBytes: 2 * gib, footprint: large })).toMatchObject({ ok: false });
  });

  it('never starts more by itself than cores or memory allow, and always one at least', () => {
    const positive = (max: number) => fc.integer({ min: 1, max });
    fc.assert(
      fc.property(positive(1_024), positive(512), positive(4_096), (cores, limitGib64ths, weightMib) => {
        const limits = {
          cores,
          memoryLimitBytes: (limitGib64ths * gib) / 64,
          footprint: footprintOf(
            { manifest: withWeights(shipped, weightMib * mib + 1_000_000) },
            { preparedBytes: prepared, encoders: 1 },
          ),
        };
        const planned = plan(limits);
        if (!planned.ok) return;
        const { sessions, excess } = planned;
        expect(sessions).toBeGreaterThanOrEqual(1);
        expect(sessions).toBeLessThanOrEqual(cores);
        if (excess !== undefined) expect(sessions).toBe(1);
      }),
    );
  });
});
