import { createFakeEncoder } from '@rerank-fleet/scoring/testing';
import type { BatchRows } from '../rows/batch-rows';
import { createSpeedMeter } from './speed';
import type { Threads } from '../threads/threads';
import { warmUp } from './warm-up';

const encoder = createFakeEncoder();

/** Threads whose sessions take the given times, one per call, and record what they ran. */
function fakeThreads(durationsMs: number[], { fail = false, logit = 0 } = {}) {
  const batches: BatchRows[] = [];
  const threads: Threads = {
    async encode({ query, documents }) {
      const encoded = 'ids' in query ? { ok: true as const, query } : encoder.encodeQuery(query);
      if (!encoded.ok) return { ...encoded, durationMs: 0 };
      const rows = documents.map((text) => encoder.encodeDocument(encoded.query, text, {}));
      return { ok: true, query: encoded.query, documents: rows, durationMs: 0 };
    },
    sessions: [
      {
        prepare: () => Promise.reject(new Error('no query is prepared apart')),
        async run(batch) {
          batches.push(batch);
          if (fail) throw new Error('broken');
          return { logits: new Float64Array(batch.rows.length).fill(logit), durationMs: durationsMs.shift() ?? 100 };
        },
      },
    ],
    close: async () => undefined,
  };
  return { threads, batches };
}

const rowTokensOf = (batch: BatchRows | undefined): number =>
  batch?.rows.reduce((sum, row) => sum + row.document.rowTokens, 0) ?? 0;

describe('warming up', () => {
  it('runs batches within the token budget and within the rows that the session takes', async () => {
    const wide = fakeThreads([]);
    await warmUp(wide.threads, { tokenBudget: 1_000_000, maxRows: 3 }, createSpeedMeter({ sessions: 1, now: () => 0 }));
    expect(wide.batches.map((batch) => batch.rows.length)).toEqual([3, 3, 3, 3]);
    const small = fakeThreads([]);
    await warmUp(small.threads, { tokenBudget: 1, maxRows: 64 }, createSpeedMeter({ sessions: 1, now: () => 0 }));
    expect(small.batches[0]?.rows).toHaveLength(1);
  });

  it('announces the speed of the fastest round', async () => {
    const { threads, batches } = fakeThreads([900, 100, 50, 400]);
    const speed = createSpeedMeter({ sessions: 1, now: () => 0 });
    await warmUp(threads, { tokenBudget: 200, maxRows: 64 }, speed);
    expect(speed.tokensPerSecond()).toBeCloseTo((rowTokensOf(batches[0]) * 1_000) / 50);
    expect(speed.tokensPerByte()).toBeGreaterThan(0);
  });

  it('fails when the model does', async () => {
    const { threads } = fakeThreads([], { fail: true });
    await expect(
      warmUp(threads, { tokenBudget: 200, maxRows: 64 }, createSpeedMeter({ sessions: 1, now: () => 0 })),
    ).rejects.toThrow('broken');
  });

  it.each([NaN, Infinity])('fails when the model gives %p for a score', async (logit) => {
    const { threads } = fakeThreads([], { logit });
    await expect(
      warmUp(threads, { tokenBudget: 200, maxRows: 64 }, createSpeedMeter({ sessions: 1, now: () => 0 })),
    ).rejects.toThrow('not numbers');
  });
});
