import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { content, sha256, useDownloads } from './download-testing';

const { cutAfter, deliveries, download, failing, fault, ranges, servers, setup } = useDownloads();

/** Stops a download that has got so far; the hub then sends nothing more. */
function abortAfter(bytes: number) {
  fault({ stallAfterBytes: bytes, times: 1 });
  const caller = new AbortController();
  const onProgress = (bytesSoFar: number) => void (bytesSoFar >= bytes && caller.abort());
  return { signal: caller.signal, onProgress };
}

describe('a cut connection', () => {
  it('is continued: only the missing bytes are asked for', async () => {
    expect(await download(cutAfter(50_000))).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=50000-']);
  });

  it('is continued in a later call, after the hash of what is there', async () => {
    await failing({ ...cutAfter(50_000), attempts: 1 });
    expect(statSync(setup.part).size).toBe(50_000);
    const told: number[] = [];
    expect(await download({ onProgress: (bytes) => told.push(bytes) })).toEqual({ ok: true, sha256 });
    expect(told[0]).toBe(50_000);
    expect(ranges()).toEqual([undefined, 'bytes=50000-']);
    expect(existsSync(setup.part)).toBe(false);
  });

  it('of a web page that is the file itself is continued', async () => {
    const path = 'page.html';
    expect(await download({ path, ...cutAfter(20, {}, path) })).toMatchObject({ ok: true });
    expect(ranges()).toEqual([undefined, 'bytes=20-']);
  });

  it('is one that brings no bytes for too long', async () => {
    fault({ stallAfterBytes: 50_000, times: 1 });
    expect(await download({ stallMs: 400 })).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=50000-']);
  });

  it('is one that ends early without having told a length', async () => {
    expect(await download(cutAfter(50_000, { noLength: true }))).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=50000-']);
  });

  it('may come as often as it likes while each attempt gets further', async () => {
    let soFar = 0;
    let cuts = 0;
    // each attempt brings 20 kB
    fault({ cutAfterBytes: 20_000, cutWhen: () => soFar >= 20_000 * (cuts + 1) && ++cuts > 0 });
    expect(await download({ attempts: 2, onProgress: (bytes) => (soFar = bytes) })).toEqual({ ok: true, sha256 });
    expect(ranges().length).toBeGreaterThanOrEqual(10);
  });

  it('is given up after 5 attempts that brought nothing, waiting twice as long each time; the part stays', async () => {
    writeFileSync(setup.part, content.subarray(0, 1_000));
    fault({ cutAfterBytes: 0 });
    const waits: number[] = [];
    const wait = async (waitMs: number) => void waits.push(waitMs);
    expect(await failing({ wait, retryWaitMs: 1_000 })).toMatch(
      /^onnx\/model.onnx of acme\/reranker: the connection to 127.0.0.1:\d+ was cut: run the same command again to continue$/,
    );
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(statSync(setup.part).size).toBe(1_000);
  });

  it('is waited for no longer than 60 s at a time', async () => {
    fault({ cutAfterBytes: 0 });
    const waits: number[] = [];
    await failing({ wait: async (waitMs) => void waits.push(waitMs), retryWaitMs: 25_000 });
    expect(waits).toEqual([25_000, 50_000, 60_000, 60_000]);
  });

  it('is given up with a hub that always begins again and never gets further', async () => {
    fault({ noRange: true, cutAfterBytes: 1_000 });
    await failing({ attempts: 3 });
    expect(deliveries().length).toBeLessThanOrEqual(6);
  });
});

describe('an interrupted download', () => {
  it('keeps what it has, and the next call asks only for the rest', async () => {
    expect(await failing(abortAfter(60_000))).toBe('interrupted; run the same command again to continue');
    expect(statSync(setup.part).size).toBe(60_000);
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=60000-']);
  });

  it('asks nothing when it was interrupted before', async () => {
    expect(await failing({ signal: AbortSignal.abort() })).toMatch(/^interrupted;/);
    expect(setup.hub.requests).toEqual([]);
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it('does not wait for its next attempt', async () => {
    fault({ status: 503 });
    const caller = new AbortController();
    const failed = failing({ signal: caller.signal, retryWaitMs: 60_000 });
    while (setup.hub.requests.length === 0) await new Promise(setImmediate);
    caller.abort();
    expect(await failed).toMatch(/^interrupted;/);
  });

  it('leaves no listener on the signal', async () => {
    const caller = new AbortController();
    let listeners = 0;
    const add = caller.signal.addEventListener.bind(caller.signal);
    const remove = caller.signal.removeEventListener.bind(caller.signal);
    caller.signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    caller.signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
    await download({ signal: caller.signal, ...cutAfter(50_000) });
    expect(listeners).toBe(0);
  });
});

describe('a part', () => {
  it('is begun again when the hub ignores the range', async () => {
    writeFileSync(setup.part, content.subarray(0, 1_000));
    fault({ noRange: true });
    const told: number[] = [];
    expect(await download({ onProgress: (bytes) => told.push(bytes) })).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual(['bytes=1000-']);
    expect(told.slice(0, 2)).toEqual([1_000, 0]);
  });

  it.each([
    ['the hub has no such range (416)', { content: content.subarray(0, 500), times: 1 }],
    ['the hub has a file of another size', { content: Buffer.concat([content, content]), times: 1 }],
    ['the answer is another range', { otherRange: true, times: 1 }],
  ])('is begun again once when %s', async (_what, each) => {
    writeFileSync(setup.part, content.subarray(0, 1_000));
    fault(each);
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual(['bytes=1000-', undefined]);
  });

  it('is not begun again a second time', async () => {
    writeFileSync(setup.part, content.subarray(0, 1_000));
    fault({ status: 416 });
    expect(await failing()).toMatch(/has no such range of the file: run the same command again$/);
    expect(servers()).toEqual(['hub', 'hub']);
    expect(existsSync(setup.part)).toBe(false);
  });

  it('that is whole already is checked and costs no request', async () => {
    writeFileSync(setup.part, content);
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(setup.hub.requests).toEqual([]);
  });

  it.each([
    ['whole and wrong', Buffer.alloc(content.length)],
    ['too long', Buffer.concat([content, content])],
  ])('that is %s is begun again', async (_what, old) => {
    writeFileSync(setup.part, old);
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined]);
  });

  it('is continued when an answer has less than was asked for', async () => {
    fault({ maxRangeBytes: 80_000 });
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=80000-', 'bytes=160000-']);
  });
});
