import { createSecret } from '@rerank-fleet/service-shell';
import { model, repo, useMirror } from './mirror-testing';

const { asked, describe: describeFiles, failing, heads, setup, reading, unstated, whole } = useMirror();
const token = createSecret('hf_secret');
const tree = () => `/api/models/${repo}/tree/${setup.hub.commit}?recursive=true&expand=false`;
const paths = [model, 'config.json', 'README.md'];

describe('sizes and checksums', () => {
  it('are those of the tree of the commit: SHA-256 of files in LFS, git SHA-1 of the others', async () => {
    expect((await reading({ token })).files).toEqual(paths.map(whole));
    expect(asked()).toEqual([`GET hub ${tree()}`]);
    expect(setup.hub.requests.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill('Bearer hf_secret'));
  });

  it('are read below the path of an endpoint', async () => {
    expect((await reading({ endpoint: `${setup.hub.url}/mirror/` })).files).toEqual(paths.map(whole));
    expect(asked()).toEqual([`GET hub /mirror${tree()}`]);
  });

  it('cost no request where there is no file', async () => {
    describeFiles();
    expect((await reading()).files).toEqual([]);
    expect(asked()).toEqual([]);
  });
});

describe('a tree of several pages', () => {
  beforeEach(() => setup.hub.mirrorAs({ treePageSize: 1 }));

  it('is read to its end', async () => {
    expect((await reading()).files).toEqual(paths.map(whole));
    expect(asked()).toEqual(['', '&cursor=1', '&cursor=2', '&cursor=3'].map((cursor) => `GET hub ${tree()}${cursor}`));
  });

  it('is read no further than what is missing', async () => {
    describeFiles({ rfilename: model });
    expect((await reading()).files).toEqual([whole(model)]);
    expect(asked()).toHaveLength(2);
  });

  it('is read for 50 pages at most', async () => {
    const treeLink = () => `${setup.hub.url}${tree()}`;
    setup.hub.mirrorAs({ treePageSize: 1, treeLink });
    expect((await reading()).files).toEqual([whole(model), whole('config.json')]);
    expect(asked().filter((each) => each.startsWith('GET'))).toHaveLength(50);
  });

  it.each([
    ['another origin', () => `${setup.hub.cdnUrl}${tree()}`],
    ['an address with a password', () => setup.hub.url.replace('//', '//user:hf_secret@')],
    ['a file', () => 'file:///etc/passwd'],
    ['a relative address', (next: string) => new URL(next).pathname + new URL(next).search],
    ['an address that is none', () => 'http://['],
  ])('is not followed to %s: the rest is not in it', async (_what, treeLink) => {
    setup.hub.mirrorAs({ treePageSize: 2, treeLink });
    expect((await reading({ token })).files).toEqual([whole(model), whole('config.json')]);
    expect(asked().filter((each) => each.startsWith('GET'))).toEqual([`GET hub ${tree()}`]);
    expect(heads().map(({ url }) => url.split('/').at(-1))).toEqual(expect.arrayContaining(['config.json']));
    expect(setup.hub.requests.every(({ server }) => server === 'hub')).toBe(true);
  });
});

describe('a hub without trees', () => {
  it.each([404, 405, 501, 200])(
    'which says so by a %d (200: a web page) is asked for each file',
    async (treeStatus) => {
      setup.hub.mirrorAs({ treeStatus });
      expect((await reading()).files).toEqual([whole(model), whole('config.json')]);
      expect(heads().length).toBeGreaterThan(0);
    },
  );

  it.each([
    [401, /^acme\/reranker: 127.0.0.1:\d+ requires a token: set HF_TOKEN$/],
    [403, /^acme\/reranker: access needs consent/],
    [429, /^acme\/reranker: .* accepts no more requests for now/],
    [503, /^acme\/reranker: .* failed \(503\): wait/],
  ])('is not what a %d means', async (treeStatus, told) => {
    setup.hub.mirrorAs({ treeStatus });
    expect(await failing()).toMatch(told);
    expect(heads()).toEqual([]);
  });
});

describe('a tree is refused', () => {
  const entry = { type: 'file', path: model };
  it.each([
    ['that is no list', { error: 'none' }, 'tree'],
    ['with a size that is none', [{ ...entry, size: -1 }], 'tree.0.size'],
    ['with a git checksum that is none', [{ ...entry, size: 1, oid: '../x' }], 'tree.0.oid'],
    ['with a checksum that is none', [{ ...entry, lfs: { oid: 'f', size: 1 } }], 'tree.0.lfs.oid'],
  ])('%s', async (_what, content, where) => {
    setup.hub.mirrorAs({ tree: content });
    expect(await failing()).toMatch(
      new RegExp(`^acme/reranker: 127.0.0.1:\\d+ sent not what a hub answers \\(${where}\\): check HF_ENDPOINT$`),
    );
  });
});

it('a folder in the tree is no file, and a size in it needs no checksum', async () => {
  const tree = [{ type: 'directory', path: 'config.json', size: 0, oid: 'd'.repeat(40) }];
  setup.hub.mirrorAs({ headStatus: 405, tree: [...tree, { type: 'file', path: model, size: 7 }] });
  expect((await reading()).files).toEqual([unstated(model)]);
});
