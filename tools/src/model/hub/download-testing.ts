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
/** The model's. */
export const content = randomBytes(200_000);
export const sha256 = createHash('sha256').update(content).digest('hex');
export const files: Record<string, Buffer> = {
  [model]: content,
  'config.json': Buffer.from('{"architectures":["Some"]}'),
  'a b/Größe #1?.txt': Buffer.from('names need encoding'),
  'empty.txt': Buffer.alloc(0),
  'page.html': Buffer.from('<!doctype html><title>a real page</title>'),
};

/** Where a test downloads to and from; new for each. */
interface DownloadPlace {
  hub: FakeHub;
  folder: string;
  target: string;
  part: string;
}

/** Options of a download; of the model if no `path` is given. */
export type Extra = Partial<DownloadOptions> & { path?: string };

/** Gives each test of a file a hub and a folder of its own. */
export function useDownloads() {
  const place = {} as DownloadPlace;
  beforeEach(async () => {
    place.hub = await startFakeHub({
      [repo]: { files, lfs: [model] },
      [gatedRepo]: { files, lfs: [model], gatedToken: 'hf_other' },
    });
    place.folder = mkdtempSync(join(tmpdir(), 'hub-test-'));
    place.target = join(place.folder, 'model.onnx');
    place.part = `${place.target}.part`;
  });
  afterEach(async () => {
    await place.hub.close();
    rmSync(place.folder, { recursive: true, force: true });
  });
  const fault = (each: Fault, path = model) => place.hub.setFault(path, each);
  const deliveries = () => place.hub.requests.filter(isDelivery);
  return {
    place,
    download: (options: Extra = {}) => download(place, options),
    /** The message of a download that has to fail. */
    failing: async (options: Extra = {}) => messageOf(await download(place, options)),
    fault,
    deliveries,
    /** The Range of each request that got bytes. */
    ranges: () => deliveries().map(({ headers }) => headers.range),
    servers: () => place.hub.requests.map(({ server }) => server),
    /** Cuts the connection once the client has the bytes; to be given to the download, which tells when that is. */
    cutAfter(bytes: number, more: Fault = {}, path = model) {
      let soFar = 0;
      fault({ cutAfterBytes: bytes, cutWhen: () => soFar >= bytes, times: 1, ...more }, path);
      return { onProgress: (bytesSoFar: number) => void (soFar = bytesSoFar) };
    },
  };
}

/** Looks at the same time that a success is true. */
async function download({ hub, target }: DownloadPlace, { path = model, ...options }: Extra): Promise<Downloaded> {
  const file = hub.file(options.repo ?? repo, path);
  const base = { endpoint: hub.url, repo, commit: hub.commit, retryWaitMs: 1 };
  const result = await downloadFile(file, target, { ...base, ...options });
  if (result.ok) expect(readFileSync(target).equals(files[path] ?? content)).toBe(true);
  return result;
}

/** Looks at the same time that it is one line which gives nothing away. */
function messageOf(result: Downloaded): string {
  if (result.ok) throw new Error('that should have failed');
  expect(result.message).not.toMatch(/\n|hf_secret|not for messages|sig=/);
  expect(result.message).not.toContain(storageSignature);
  return result.message;
}

function isDelivery({ server, url }: SeenRequest): boolean {
  return server === 'cdn' || url.includes('/resolve-cache/');
}
