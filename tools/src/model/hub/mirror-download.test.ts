import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DownloadOptions, downloadFile } from './download';
import { lfsPointer, page } from './fake-delivery';
import type { HubFile } from './hub-file';
import { readRepository } from './repository';
import { type FakeHub, type Fault, startFakeHub } from './testing';

const repo = 'acme/reranker';
const model = 'model.onnx';
const content = Buffer.alloc(200_000, 'weights');
const others = Buffer.alloc(200_000, 'of another revision');
const sha256 = createHash('sha256').update(content).digest('hex');
const pointer = lfsPointer({ path: model, sizeBytes: 200_000, sha256 });
const unstated: HubFile = { path: model, sizeBytes: content.length };
let hub: FakeHub;
let folder: string;
let target: string;
beforeEach(async () => {
  hub = await startFakeHub({
    [repo]: { files: { [model]: content, 'config.json': pointer, 'README.md': Buffer.from(page) }, lfs: [model] },
  });
  folder = mkdtempSync(join(tmpdir(), 'hub-test-'));
  target = join(folder, model);
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

const download = (file = unstated, options: Partial<DownloadOptions> = {}) =>
  downloadFile(file, target, { endpoint: hub.url, repo, commit: hub.commit, retryWaitMs: 1, ...options });
const failing = async (file = unstated) => {
  const result = await download(file, { attempts: 2 });
  if (result.ok) throw new Error('that should have failed');
  expect(result.message).not.toMatch(/\n|sig=/);
  return result.message;
};
const deliveries = () => hub.requests.filter(({ server }) => server === 'cdn');
const ranges = () => deliveries().map(({ headers }) => headers.range);
/** Cuts the connection once after so many bytes, which the client has by then. */
const cutAfter = (bytes: number, more: Fault = {}) => {
  let soFar = 0;
  hub.setFault(model, { cutAfterBytes: bytes, cutWhen: () => soFar >= bytes, times: 1, ...more });
  return { onProgress: (bytesSoFar: number) => void (soFar = bytesSoFar) };
};

describe('a file without a stated checksum', () => {
  it('is taken by its size, and its SHA-256 is returned', async () => {
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(readdirSync(folder)).toEqual([model]);
  });

  it.each([
    ['more', content.length - 1, /the hub sent more than 199999 bytes, 199999 were expected/],
    ['less', content.length + 1, /the hub sent 200000 bytes, 200001 were expected/],
  ])('is refused when %s comes', async (_what, sizeBytes, told) => {
    expect(await failing({ ...unstated, sizeBytes })).toMatch(told);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[string, { bytes: Buffer; fault: Fault }, RegExp]>([
    [
      'a web page that says so',
      { bytes: content, fault: { htmlPage: 'typed' } },
      /sent a web page instead of the file/,
    ],
    [
      'a web page of that size',
      { bytes: Buffer.from(page), fault: { htmlPage: 'untyped' } },
      /: a web page was received instead of the file/,
    ],
    [
      'a Git LFS pointer of that size',
      { bytes: pointer, fault: { lfsPointer: true } },
      /: a Git LFS pointer was received instead of the file/,
    ],
  ])('is refused when it is %s', async (_what, { bytes, fault }, told) => {
    hub.setFault(model, fault);
    expect(await failing({ ...unstated, sizeBytes: bytes.length })).toMatch(told);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not become what an earlier call left as the target', async () => {
    writeFileSync(target, others);
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it.each([50_000, 200_000])('does not continue the %d bytes that an earlier call left as a part', async (bytes) => {
    writeFileSync(`${target}.part`, others.subarray(0, bytes));
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined]);
  });
});

describe('a cut connection of a file without a stated checksum', () => {
  it('is continued in the same call, if it is the same content', async () => {
    expect(await download(unstated, cutAfter(50_000))).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=50000-']);
    expect(deliveries()[1]?.headers['if-range']).toBe(`"${sha256}"`);
  });

  it('is begun anew when the content has changed meanwhile', async () => {
    expect(await download(unstated, cutAfter(50_000, { content: others }))).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=50000-']);
  });

  it('is begun anew when a server that knows no If-Range has another content', async () => {
    const { onProgress } = cutAfter(50_000, { content: others });
    const swap = (bytesSoFar: number) => {
      onProgress(bytesSoFar);
      // the answer under way goes on as it began
      if (bytesSoFar === 50_000) hub.setFault(model, { noIfRange: true });
    };
    expect(await download(unstated, { onProgress: swap })).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=50000-', undefined]);
  });

  it.each(['', 'W/"weak"'])('is begun anew when the server has no strong ETag (%j)', async (etag) => {
    expect(await download(unstated, cutAfter(50_000, { etag }))).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, undefined]);
  });
});

describe('the pointer of a file in LFS', () => {
  it('is refused though its size and git checksum are those that the mirror states', async () => {
    const file = hub.file(repo, 'config.json');
    expect(file).toMatchObject({ sizeBytes: pointer.length, gitSha1: expect.any(String) });
    expect(await failing(file)).toMatch(
      /^config.json of acme\/reranker: a Git LFS pointer was received instead of the file/,
    );
    expect(existsSync(target)).toBe(false);
  });

  it('is refused as a part that an earlier call left, too', async () => {
    writeFileSync(`${target}.part`, pointer);
    expect(await failing(hub.file(repo, 'config.json'))).toContain(
      'a Git LFS pointer was received instead of the file',
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('a page that has the stated checksum is the file', async () => {
  expect(await download(hub.file(repo, 'README.md'))).toMatchObject({ ok: true });
  expect(readFileSync(target, 'utf8')).toBe(page);
});

it('a mirror that knows nothing but names and lengths is read and downloaded from', async () => {
  hub.mirrorAs({
    dates: {},
    repoCommit: '',
    treeStatus: 404,
    isDirect: true,
    headHeaders: { etag: '' },
  });
  const read = await readRepository(repo, 'main', { endpoint: hub.url });
  if (!read.ok) throw new Error(read.message);
  const { commit, files } = read.repository;
  expect(files[0]).toEqual(unstated);
  expect(await download(files[0], { commit })).toEqual({ ok: true, sha256 });
});
