import { type HubRepository, type RepositoryOptions, readRepository } from './repository';
import { type FakeHub, type SeenRequest, startFakeHub } from './testing';

export const repo = 'acme/reranker';
/** The file that is in LFS. */
export const model = 'onnx/model.onnx';
export const files: Record<string, Buffer> = {
  [model]: Buffer.from('weights'),
  'config.json': Buffer.from('{"a":1}'),
  'README.md': Buffer.from('a model'),
};

/** A hub for each test of a file, to be made a mirror. */
export function useMirror() {
  const place = {} as { hub: FakeHub };
  beforeEach(async () => {
    place.hub = await startFakeHub({ [repo]: { files, lfs: [model] } });
  });
  afterEach(() => place.hub.close());
  const read = (options: Partial<RepositoryOptions> = {}, revision = 'main') =>
    readRepository(repo, revision, { endpoint: place.hub.url, ...options });
  return {
    place,
    /** The repository as it is read, which has to go well. */
    async reading(options: Partial<RepositoryOptions> = {}, revision = 'main'): Promise<HubRepository> {
      const result = await read(options, revision);
      if (!result.ok) throw new Error(result.message);
      return result.repository;
    },
    /** The line of a reading that has to fail. */
    async failing(options: Partial<RepositoryOptions> = {}, revision = 'main'): Promise<string> {
      const result = await read(options, revision);
      if (result.ok) throw new Error('that should have failed');
      expect(result.message).not.toMatch(/\n|hf_secret|not for messages|sig=/);
      return result.message;
    },
    /** What was asked for after the description: method, server and path with its query. */
    asked: () => place.hub.requests.slice(1).map(describeRequest),
    heads: () => place.hub.requests.filter(({ method }) => method === 'HEAD'),
    /** A file as the hub describes it. */
    whole: (path: string) => place.hub.file(repo, path),
    /** A file of which only the size is known. */
    unstated: (path: string) => ({ path, sizeBytes: files[path]?.length }),
    /** Makes the description name these files, and nothing else of them. */
    describe: (...siblings: object[]) => place.hub.describeAs(JSON.stringify({ sha: place.hub.commit, siblings })),
  };
}

function describeRequest({ method, server, url }: SeenRequest): string {
  return `${method} ${server} ${url.replace(/\?sig=.*/, '')}`;
}
