import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecret } from '@rerank-fleet/service-shell';
import { type DownloadOptions, type Downloaded, downloadFile } from './download';
import { type FakeHub, type Fault, type SeenRequest, startFakeHub, storageSignature } from './testing';

export const repo = 'acme/reranker';
/** The same files, for `hf_other` only. */
export const gatedRepo = 'acme/gated';
/** The file that is in LFS. */
export const model = 'onnx/model.onnx';
export const token = createSecret('hf_secret');
/** The content of the model. */
export const content = randomBytes(200_000);
export const sha256 = createHash('sha256').update(content).digest('hex');
export const files: Record<string, Buffer> = {
  [model]: content,
  'config.json': Buffer.from('{"architectures":["Some"]}'),
  'a b/Größe #1?.txt': Buffer.from('names need encoding'),
  'empty.txt': Buffer.alloc(0),
  'page.html': Buffer.from('<!doctype html><title>a real page</title>'),
};

/** The hub, the folder and the files of a test. */
interface DownloadPlace {
  hub: FakeHub;
  folder: string;
  target: string;
  part: string;
}

/** Options of a download. Default path: the model. */
export type Extra = Partial<DownloadOptions> & { path?: string };

/** Creates a hub and a folder per test. */
export function useDownloads() {
  const setup = {} as DownloadPlace;
  beforeEach(async () => {
    setup.hub = await startFakeHub({
      [repo]: { files, lfs: [model] },
      [gatedRepo]: { files, lfs: [model], gatedToken: 'hf_other' },
    });
    setup.folder = mkdtempSync(join(tmpdir(), 'hub-test-'));
    setup.target = join(setup.folder, 'model.onnx');
    setup.part = `${setup.target}.part`;
  });
  afterEach(async () => {
    await setup.hub.close();
    rmSync(setup.folder, { recursive: true, force: true });
  });
  const fault = (each: Fault, path = model) => setup.hub.setFault(path, each);
  const deliveries = () => setup.hub.requests.filter(isDelivery);
  return {
    setup,
    download: (options: Extra = {}) => download(setup, options),
    /** The message of a download that must fail. */
    failing: async (options: Extra = {}) => messageOf(await download(setup, options)),
    fault,
    deliveries,
    /** The Range header of each request that received bytes. */
    ranges: () => deliveries().map(({ headers }) => headers.range),
    servers: () => setup.hub.requests.map(({ server }) => server),
    /** Cuts the connection once the client has the bytes. Pass the result to the download, which reports progress. */
    cutAfter(bytes: number, more: Fault = {}, path = model) {
      let soFar = 0;
      fault({ cutAfterBytes: bytes, cutWhen: () => soFar >= bytes, times: 1, ...more }, path);
      return { onProgress: (bytesSoFar: number) => void (soFar = bytesSoFar) };
    },
  };
}

/** Checks that a success is really one. */
async function download({ hub, target }: DownloadPlace, { path = model, ...options }: Extra): Promise<Downloaded> {
  const file = hub.file(options.repo ?? repo, path);
  const base = { endpoint: hub.url, repo, commit: hub.commit, retryWaitMs: 1 };
  const result = await downloadFile(file, target, { ...base, ...options });
  if (result.ok) expect(readFileSync(target).equals(files[path] ?? content)).toBe(true);
  return result;
}

/** Checks that the message is one line without secrets. */
function messageOf(result: Downloaded): string {
  if (result.ok) throw new Error('that should have failed');
  expect(result.message).not.toMatch(/\n|hf_secret|not for messages|sig=/);
  expect(result.message).not.toContain(storageSignature);
  return result.message;
}

function isDelivery({ server, url }: SeenRequest): boolean {
  return server === 'cdn' || url.includes('/resolve-cache/');
}
