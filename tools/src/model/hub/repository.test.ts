import { createSecret } from '@rerank-fleet/service-shell';
import { readRepository } from './repository';
import { type FakeHub, startFakeHub } from './testing';

const repo = 'acme/reranker';
const content = Buffer.from('weights');
const config = Buffer.from('{"a":1}');
let hub: FakeHub;
beforeEach(async () => {
  hub = await startFakeHub({
    [repo]: { files: { 'onnx/model.onnx': content, 'config.json': config }, lfs: ['onnx/model.onnx'], licence: 'mit' },
  });
});
afterEach(() => hub.close());

const read = (revision = 'main', options = {}) => readRepository(repo, revision, { endpoint: hub.url, ...options });
const messageOf = async (reading: ReturnType<typeof readRepository>) => {
  const result = await reading;
  if (result.ok) throw new Error('that should have failed');
  expect(result.message).not.toMatch(/\n|hf_secret|not for messages|expand=/);
  return result.message;
};
/** What the hub answers, with some members replaced. */
const answer = (members: object) =>
  JSON.stringify({ sha: hub.commit, lastModified: '2024-05-06T07:08:09.000Z', siblings: [], ...members });

describe('a repository', () => {
  it('is read with two requests: its commit, its licence and every file with the checksum of its content', async () => {
    expect(await read()).toEqual({
      ok: true,
      repository: {
        repo,
        commit: hub.commit,
        lastModified: new Date('2024-05-06T07:08:09Z'),
        licence: 'mit',
        files: [
          {
            path: 'onnx/model.onnx',
            sizeBytes: 7,
            sha256: '9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c',
          },
          { path: 'config.json', sizeBytes: 7, gitSha1: 'daa5053ecf5f9a37b2de733d0751cc1ab53ac010' },
        ],
      },
    });
    expect(hub.requests.map(({ url }) => url)).toEqual([
      expect.stringMatching(/^\/api\/models\/acme\/reranker\/revision\/main\?.*expand=sha\b.*expand=siblings/),
      `/api/models/${repo}/tree/${hub.commit}?recursive=true&expand=false`,
    ]);
  });

  it('is read of a revision with a slash in its name', async () => {
    expect(await read('refs/pr/1')).toMatchObject({ ok: true });
    expect(hub.requests[0]?.url).toContain('/revision/refs%2Fpr%2F1?');
  });

  it.each(['/mirror', '/mirror/'])('is read from an endpoint with the path %s', async (path) => {
    expect(await read('main', { endpoint: hub.url + path })).toMatchObject({ ok: true });
    expect(hub.requests[0]?.url).toMatch(/^\/mirror\/api\/models\//);
  });

  it('is read with the token', async () => {
    await read('main', { token: createSecret('hf_secret') });
    expect(hub.requests[0]?.headers.authorization).toBe('Bearer hf_secret');
  });

  it("is read with a mirror's token, which begins as that mirror wants", async () => {
    expect(await read('main', { token: createSecret('cmVmdGtu') })).toMatchObject({ ok: true });
    expect(hub.requests.map(({ headers }) => headers.authorization)).toEqual(Array(2).fill('Bearer cmVmdGtu'));
  });

  it('is followed to its new name, without the token when that is at another origin', async () => {
    hub.setFault(repo, { redirectTo: `${hub.cdnUrl}/elsewhere?key=hf_secret` });
    await messageOf(read('main', { token: createSecret('hf_secret') }));
    expect(hub.requests.map(({ server, headers }) => [server, headers.authorization])).toEqual([
      ['hub', 'Bearer hf_secret'],
      ['cdn', undefined],
    ]);
  });

  it.each([
    ['a list', { license: ['mit', 'apache-2.0'] }, 'mit, apache-2.0'],
    ['none', {}, undefined],
    ['something else', { license: { name: 'mit' } }, undefined],
    ['no card', null, undefined],
  ])('may have as its licence %s', async (_what, cardData, licence) => {
    hub.describeAs(answer({ cardData }));
    expect(await read()).toMatchObject({ ok: true, repository: { licence } });
  });

  it('may have unknown members', async () => {
    hub.describeAs(answer({ gated: 'auto', siblings: [{ rfilename: 'config.json', size: 0, xet: 1 }] }));
    expect(await read()).toMatchObject({ ok: true, repository: { files: [{ path: 'config.json', sizeBytes: 7 }] } });
  });
});

describe('a description is refused', () => {
  it.each([
    '/etc/passwd',
    '../up',
    'a/../../up',
    'a/..',
    '..',
    'a\\..\\b',
    'nul\0',
    'a//b',
    './a',
    '',
    'a\nb',
    '\u001b[2J',
  ])('that names the path %j, without showing it', async (rfilename) => {
    hub.describeAs(answer({ siblings: [{ rfilename: 'good' }, { rfilename }] }));
    expect(await messageOf(read())).toMatch(
      /^acme\/reranker: 127.0.0.1:\d+ sent a path that leaves the folder \(siblings.1.rfilename\): check HF_ENDPOINT$/,
    );
  });

  it.each([
    ['a commit that is none', { sha: '../main' }, 'sha'],
    ['a date that is none', { lastModified: 'yesterday' }, 'lastModified'],
    ['no list of files', { siblings: {} }, 'siblings'],
  ])('with %s', async (_what, members, member) => {
    hub.describeAs(answer(members));
    expect(await messageOf(read())).toContain(`sent not what a hub answers (${member})`);
  });

  it.each([
    ['is no object', '[]', 'no object'],
    ['is no JSON', '{"sha":', 'is not JSON'],
    ['is longer than 20 MB', `"${'x'.repeat(20_000_000)}"`, 'is longer than 20000000 bytes'],
  ])('that %s', async (_what, text, told) => {
    hub.describeAs(text);
    expect(await messageOf(read())).toContain(told);
  });

  it('that is a web page', async () => {
    hub.setFault(repo, { htmlPage: 'typed' });
    expect(await messageOf(read())).toMatch(/web page \(a login or a proxy\): check HF_ENDPOINT/);
  });
});

describe('a failure says what to do', () => {
  it('about a repository that is not there', async () => {
    expect(await messageOf(readRepository('acme/none', 'main', { endpoint: hub.url }))).toMatch(
      /^acme\/none: there is no repository acme\/none at 127.* or it is private: check its name, or set HF_TOKEN/,
    );
  });

  it('about a revision that is not there', async () => {
    expect(await messageOf(read('v9'))).toBe(`${repo}: there is no such revision: check the branch, tag or commit`);
  });

  it.each([
    [401, 'requires a token: set HF_TOKEN'],
    [403, `accept the licence at http://127.0.0.1:\\d+/${repo} and set HF_TOKEN`],
    [404, 'no such file, revision or repository'],
    [429, 'accepts no more requests for now'],
    [503, 'failed \\(503\\)'],
    [418, 'answered 418'],
  ])('about a %s', async (status, told) => {
    hub.setFault(repo, { status });
    expect(await messageOf(read())).toMatch(new RegExp(told));
  });

  it('about a token that the hub does not take', async () => {
    hub.setFault(repo, { status: 401 });
    expect(await messageOf(read('main', { token: createSecret('hf_secret') }))).toMatch(
      /does not accept the token: set HF_TOKEN/,
    );
  });

  it('about a token that cannot be sent, and sends nothing', async () => {
    expect(await messageOf(read('main', { token: createSecret('hf_secret\n') }))).toMatch(/^HF_TOKEN holds characters/);
    expect(hub.requests).toEqual([]);
  });

  it('about a cut connection', async () => {
    hub.setFault(repo, { cutAfterBytes: 20 });
    expect(await messageOf(read())).toMatch(/connection to 127.0.0.1:\d+ was cut/);
  });

  it('about a connection that brings nothing more', async () => {
    hub.setFault(repo, { stallAfterBytes: 20 });
    expect(await messageOf(read('main', { stallMs: 50 }))).toMatch(/connection to 127.0.0.1:\d+ was cut/);
  });

  it('about an interruption', async () => {
    expect(await messageOf(read('main', { signal: AbortSignal.abort() }))).toBe(
      'interrupted; run the same command again to continue',
    );
  });

  it.each(['huggingface.co', 'ftp://hub', 'http://user:hf_secret@hub', 'https://hub?key=hf_secret', ''])(
    'about the endpoint %j',
    async (endpoint) => {
      expect(await messageOf(read('main', { endpoint }))).toMatch(/^HF_ENDPOINT must be an http or https address/);
    },
  );

  it.each(['../x', 'a/b/c', 'a/..', 'a?b', ''])('about the repository name %j, and sends nothing', async (name) => {
    expect(await messageOf(readRepository(name, 'main', { endpoint: hub.url }))).toMatch(/named owner\/name/);
    expect(hub.requests).toEqual([]);
  });

  it('about the revision .., and sends nothing', async () => {
    expect(await messageOf(read('..'))).toMatch(/a revision is a branch, a tag or a commit/);
    expect(hub.requests).toEqual([]);
  });
});
