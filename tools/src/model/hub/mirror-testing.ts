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

/** Starts a hub per test, which a test can turn into a mirror. */
export function useMirror() {
  const setup = {} as { hub: FakeHub };
  beforeEach(async () => {
    setup.hub = await startFakeHub({ [repo]: { files, lfs: [model] } });
  });
  afterEach(() => setup.hub.close());
  const read = (options: Partial<RepositoryOptions> = {}, revision = 'main') =>
    readRepository(repo, revision, { endpoint: setup.hub.url, ...options });
  return {
    setup,
    /** Reads the repository, which must succeed. */
    async reading(options: Partial<RepositoryOptions> = {}, revision = 'main'): Promise<HubRepository> {
      const result = await read(options, revision);
      if (!result.ok) throw new Error(result.message);
      return result.repository;
    },
    /** The message of a read that must fail. */
    async failing(options: Partial<RepositoryOptions> = {}, revision = 'main'): Promise<string> {
      const result = await read(options, revision);
      if (result.ok) throw new Error('that should have failed');
      expect(result.message).not.toMatch(/\n|hf_secret|not for messages|sig=/);
      return result.message;
    },
    /** The requests after the description: method, server and path with its query. */
    asked: () => setup.hub.requests.slice(1).map(describeRequest),
    heads: () => setup.hub.requests.filter(({ method }) => method === 'HEAD'),
    /** The hub's description of a file. */
    whole: (path: string) => setup.hub.file(repo, path),
    /** A file with a size and no checksum. */
    unstated: (path: string) => ({ path, sizeBytes: files[path]?.length }),
    /** Makes the description list the paths of these files only. */
    describe: (...siblings: object[]) => setup.hub.describeAs(JSON.stringify({ sha: setup.hub.commit, siblings })),
  };
}

function describeRequest({ method, server, url }: SeenRequest): string {
  return `${method} ${server} ${url.replace(/\?sig=.*/, '')}`;
}
