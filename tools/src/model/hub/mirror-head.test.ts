import { createSecret } from '@rerank-fleet/service-shell';
import { files, model, repo, useMirror } from './mirror-testing';
import { type Mirror, startFakeHub } from './testing';

const { asked, describe: describeFiles, failing, heads, setup, reading, unstated, whole } = useMirror();
const token = createSecret('hf_secret');
const noTree: Mirror = { treeStatus: 404 };
/** A tree that knows the sizes of these files and no checksum. */
const sized = (...paths: string[]): Mirror => ({
  treeStatus: undefined,
  tree: paths.map((path) => ({ type: 'file', path, size: 7 })),
});
const mirrorAs = (mirror: Mirror) => setup.hub.mirrorAs({ ...noTree, ...mirror });
const resolved = (path: string) => `/${repo}/resolve/${setup.hub.commit}/${path}`;
const only = (path: string) => ({ isWanted: (each: string) => each === path });
const fileOf = async (path: string) => (await reading(only(path))).files.find((each) => each.path === path);

describe('HEAD of a file', () => {
  it('tells its size and checksum by what the hub links to, without a look at another origin', async () => {
    mirrorAs({});
    expect((await reading()).files).toEqual([whole(model), whole('config.json')]);
    expect(asked().slice(1)).toEqual([
      `HEAD hub ${resolved('config.json')}`,
      `HEAD hub /api/resolve-cache/models${resolved('config.json')}`,
      `HEAD hub ${resolved(model)}`,
    ]);
  });

  it('tells its size and checksum by its own length and ETag', async () => {
    mirrorAs({ isDirect: true });
    expect((await reading()).files).toEqual([whole(model), whole('config.json')]);
  });

  it('is followed within the origin, with the token, to the length and ETag there', async () => {
    mirrorAs({ noLinked: true });
    expect((await reading({ token, ...only('config.json') })).files).toEqual([whole('config.json')]);
    expect(heads().map(({ headers }) => headers.authorization)).toEqual(Array(2).fill('Bearer hf_secret'));
  });

  it('is followed to another origin for the size only, without the token', async () => {
    mirrorAs({ noLinked: true });
    // the storage has an ETag, which is not the hub's word
    expect((await reading({ token, ...only(model) })).files).toEqual([unstated(model)]);
    expect(heads().map(({ server, headers }) => [server, headers.authorization])).toEqual([
      ['hub', 'Bearer hf_secret'],
      ['cdn', undefined],
    ]);
  });

  it('is not followed to another origin when the size is known', async () => {
    mirrorAs({ noLinked: true, headHeaders: { 'x-linked-size': '7' } });
    expect(await fileOf(model)).toEqual(unstated(model));
    expect(asked().slice(1)).toEqual([`HEAD hub ${resolved(model)}`]);
  });

  it('adds the checksum to a size that the tree has', async () => {
    mirrorAs({ ...sized(model), noLinked: true, headHeaders: { 'x-linked-etag': `"${whole(model).sha256}"` } });
    expect(await fileOf(model)).toEqual(whole(model));
    expect(heads().every(({ server }) => server === 'hub')).toBe(true);
  });

  it('asks for the length of the bytes as they are, without compression', async () => {
    mirrorAs({ isDirect: true });
    await reading();
    expect(new Set(heads().map(({ headers }) => headers['accept-encoding']))).toEqual(new Set(['identity']));
  });

  it('takes the path as it has to be written', async () => {
    const path = 'a b/Größe #1?.onnx';
    const hub = await startFakeHub({ [repo]: { files: { [path]: Buffer.from('x') } } });
    hub.mirrorAs(noTree);
    expect((await reading({ endpoint: hub.url })).files).toEqual([hub.file(repo, path)]);
    await hub.close();
  });
});

describe('a checksum that HEAD tells', () => {
  const sha256 = 'a'.repeat(64);
  const sha1 = 'b'.repeat(40);
  it.each<[string, Record<string, string>, object]>([
    ['64 digits are SHA-256', { etag: `"${sha256}"` }, { sha256 }],
    ['40 digits are SHA-1 of git', { etag: `"${sha1}"` }, { gitSha1: sha1 }],
    ['a weak one counts', { etag: `W/"${sha1}"` }, { gitSha1: sha1 }],
    ['one without quotes counts', { etag: sha256 }, { sha256 }],
    ['one in capitals counts', { etag: `"${sha256.toUpperCase()}"` }, { sha256 }],
    ['X-Linked-Etag goes before ETag', { etag: `"${sha1}"`, 'x-linked-etag': `"${sha256}"` }, { sha256 }],
    ['MD5 is none', { etag: `"${'c'.repeat(32)}"` }, {}],
    ['that of Nexus is none', { etag: `"{SHA1{${sha1}}}"` }, {}],
    ['anything else is none', { etag: '"65a1b2c3-7"' }, {}],
    ['no ETag is none', { etag: '' }, {}],
    ['plain SHA-1 of Artifactory is none of git', { etag: sha1, 'x-checksum-sha1': sha1 }, {}],
    ['SHA-256 of Artifactory counts', { etag: sha1, 'x-checksum-sha1': sha1, 'x-checksum-sha256': sha256 }, { sha256 }],
  ])('%s', async (_what, headHeaders, checksum) => {
    mirrorAs({ isDirect: true, headHeaders });
    expect(await fileOf(model)).toEqual({ ...unstated(model), ...checksum });
  });
});

describe('a size that HEAD tells', () => {
  it('is X-Linked-Size before Content-Length', async () => {
    mirrorAs({ isDirect: true, headHeaders: { 'x-linked-size': '9' } });
    expect(await fileOf(model)).toMatchObject({ sizeBytes: 9 });
  });

  it.each<[string, Mirror]>([
    ['missing', { headHeaders: { 'content-length': '', 'transfer-encoding': 'chunked' } }],
    ['of a compressed answer', { headHeaders: { 'content-encoding': 'gzip' } }],
    ['of a web page', { headHeaders: { 'content-type': 'text/html' } }],
    ['0 without a checksum', { headHeaders: { 'content-length': '0', etag: '' } }],
    ['no number', { headHeaders: { 'content-length': '', 'x-linked-size': '0x7' } }],
  ])('is not known when it is %s', async (_what, mirror) => {
    mirrorAs({ isDirect: true, ...mirror });
    expect(await failing(only(model))).toMatch(/does not state the size of any file that a model needs/);
  });
});

describe('only what a model needs is asked for by HEAD', () => {
  const many = (count: number, path: (index: number) => string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [path(index), Buffer.from('x')]));
  const readingOf = async (these: Record<string, Buffer>, options = {}) => {
    const hub = await startFakeHub({ [repo]: { files: these } });
    hub.mirrorAs({ ...noTree, isDirect: true });
    const found = (await reading({ endpoint: hub.url, ...options })).files.map(({ path }) => path);
    const requests = hub.requests.filter(({ method }) => method === 'HEAD').length;
    await hub.close();
    return { found, requests };
  };

  it('ONNX files, their data, and the JSON files and safetensors at the root', async () => {
    const wanted = [
      'model.onnx',
      'onnx/a.onnx',
      'onnx/a.onnx_data',
      'onnx/a.onnx_data_1',
      'b.onnx.data',
      'config.json',
    ];
    const others = ['README.md', 'onnx/config.json', 'onnx/model.safetensors', 'a.onnx/b', 'onnx.txt', 'a.jsonl'];
    const these = Object.fromEntries([...others, ...wanted].map((path) => [path, Buffer.from('x')]));
    expect(await readingOf(these)).toEqual({ found: wanted, requests: wanted.length });
  });

  it('or what the caller wants', async () => {
    expect(await readingOf(files, only('README.md'))).toEqual({ found: ['README.md'], requests: 1 });
  });

  it('of 5,000 files none that is not wanted', async () => {
    const these = { ...many(5_000, (index) => `data/${index}.bin`), 'model.onnx': Buffer.from('x') };
    expect(await readingOf(these)).toEqual({ found: ['model.onnx'], requests: 1 });
  });

  it('at most 40, those nearest to the root first', async () => {
    const these = { ...many(60, (index) => `onnx/${index}.onnx`), 'config.json': Buffer.from('x') };
    const { found, requests } = await readingOf(these);
    expect([found.length, requests, found.at(-1)]).toEqual([40, 40, 'config.json']);
  });
});

describe('a file of unknown size', () => {
  it('is left out, with nothing said, while something usable is there', async () => {
    mirrorAs({});
    setup.hub.setFault('config.json', { status: 404, code: 'EntryNotFound' });
    expect((await reading()).files).toEqual([whole(model)]);
  });

  it.each([405, 501])(
    'is not asked for after HEAD was refused by a %d; one line says that nothing is left',
    async (headStatus) => {
      mirrorAs({ headStatus });
      expect(await failing()).toBe(
        `${repo}: ${new URL(setup.hub.url).host} does not state the size of any file that a model needs: set HF_ENDPOINT to a hub or mirror that does`,
      );
      expect(heads()).toHaveLength(1);
    },
  );

  it('is not told by the headers of a refusal', async () => {
    mirrorAs({ headStatus: 404, headHeaders: { 'x-linked-size': '7' } });
    expect(await failing()).toMatch(/does not state the size of any file that a model needs/);
  });

  it.each([403, 405])('because the storage refuses with %d stops nothing, and wants no token', async (status) => {
    const hub = await startFakeHub({
      [repo]: { files: { 'a.onnx': Buffer.alloc(1), 'b.onnx': Buffer.alloc(1) }, lfs: ['a.onnx', 'b.onnx'] },
    });
    hub.mirrorAs({ ...noTree, noLinked: true, storageHeadStatus: status });
    expect(await failing({ endpoint: hub.url })).toMatch(/does not state the size of any file that a model needs/);
    expect(hub.requests.filter(({ server }) => server === 'cdn')).toHaveLength(2);
    await hub.close();
  });

  it('is none of the listing when the storage refuses HEAD', async () => {
    mirrorAs({ noLinked: true, storageHeadStatus: 403 });
    expect((await reading()).files).toEqual([whole('config.json')]);
  });

  it.each([
    [401, /^config.json of acme\/reranker: 127.0.0.1:\d+ requires a token: set HF_TOKEN$/],
    [403, /^config.json of acme\/reranker: access needs consent: accept the licence/],
  ])('for want of access (%d) is what the line is about when nothing is left', async (headStatus, told) => {
    mirrorAs({ headStatus });
    expect(await failing()).toMatch(told);
  });

  it('that is not wanted is no reason to fail', async () => {
    mirrorAs({ headStatus: 405 });
    describeFiles({ rfilename: 'README.md' });
    expect((await reading()).files).toEqual([]);
  });
});

describe('a file whose size is known and whose checksum is not', () => {
  it('is listed without either', async () => {
    mirrorAs({ isDirect: true, headHeaders: { etag: '' } });
    expect(await fileOf('config.json')).toEqual(unstated('config.json'));
  });

  it('is listed when there is no HEAD', async () => {
    mirrorAs({ ...sized('config.json'), headStatus: 405 });
    expect(await fileOf('config.json')).toEqual(unstated('config.json'));
  });
});

describe('a passing failure is not taken for an answer that tells nothing', () => {
  it.each([429, 500, 503])('a %d, even of a file whose size is known', async (headStatus) => {
    mirrorAs({ ...sized('config.json'), headStatus });
    expect(await failing()).toMatch(/^config.json of acme\/reranker: .* run the same command again to continue$/);
  });

  it('a 503 of the storage', async () => {
    mirrorAs({ noLinked: true, storageHeadStatus: 503 });
    expect(await failing(only(model))).toMatch(/failed \(503\)/);
  });

  it('an interruption', async () => {
    mirrorAs({});
    const caller = new AbortController();
    const isWanted = () => (caller.abort(), true);
    expect(await failing({ signal: caller.signal, isWanted })).toMatch(/^interrupted;/);
    expect(heads()).toEqual([]);
  });

  it('a redirect to itself', async () => {
    mirrorAs({});
    setup.hub.setFault('config.json', { redirectLoop: true });
    expect(await failing()).toMatch(/^config.json of acme\/reranker: .* redirects more than 5 times/);
  });
});

it('a checksum counts no more once another origin has led back to the hub', async () => {
  mirrorAs({ isDirect: true });
  const detour = await startFakeHub({ [repo]: { files } });
  detour.setFault('there.onnx', { redirectTo: `${setup.hub.url}${resolved('config.json')}` });
  setup.hub.setFault(model, { redirectTo: `${detour.url}/${repo}/resolve/${detour.commit}/there.onnx` });
  expect(await fileOf(model)).toEqual(unstated(model));
  await detour.close();
});
