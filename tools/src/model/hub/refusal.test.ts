import { readdirSync } from 'node:fs';
import { createSecret } from '@rerank-fleet/service-shell';
import { type Extra, gatedRepo, repo, sha256, token, useDownloads } from './download-testing';
import { type Fault, startFakeHub } from './testing';

const { download, failing, fault, servers, setup } = useDownloads();

describe('a refusal', () => {
  it.each([
    ['401 without a token', { each: { status: 401 } }, 'requires a token: set HF_TOKEN$'],
    [
      '401 with a token',
      { each: { status: 401 }, options: { token } },
      'does not accept the token: set HF_TOKEN to a valid one$',
    ],
    ['403', { each: { status: 403 } }, `accept the licence at http://127.0.0.1:\\d+/${repo} and set HF_TOKEN`],
    ['404', { each: { status: 404 } }, 'no such file, revision or repository: check the names and HF_ENDPOINT$'],
    ['410', { each: { status: 410 } }, 'answered 410'],
    ['RepoNotFound', { each: { status: 401, code: 'RepoNotFound' } }, `no repository ${repo} at .*set HF_TOKEN`],
    ['RevisionNotFound', { each: { status: 404, code: 'RevisionNotFound' } }, 'no such revision'],
    ['EntryNotFound', { each: { status: 404, code: 'EntryNotFound' } }, 'no such file in this revision'],
    ['GatedRepo', { each: { status: 401, code: 'GatedRepo' } }, 'accept the licence at'],
    ['403 of the storage', { each: { storageStatus: 403 } }, 'to which the hub redirected, answered 403'],
  ])(
    'by %s is returned and not retried',
    async (_what, { each, options = {} }: { each: Fault; options?: Extra }, told) => {
      fault(each);
      const message = await failing(options);
      expect(message).toMatch(/^onnx\/model.onnx of acme\/reranker: /);
      expect(message).toMatch(new RegExp(told));
      expect(setup.hub.requests.filter(({ server }) => server === 'hub')).toHaveLength(1);
      expect(readdirSync(setup.folder)).toEqual([]);
    },
  );

  it.each([
    ['no token', {}],
    ['the token of another account', { token }],
  ])('of a gated repository with %s names its page', async (_what, options) => {
    expect(await failing({ repo: gatedRepo, ...options })).toContain(
      `accept the licence at ${setup.hub.url}/${gatedRepo} and set HF_TOKEN`,
    );
  });

  it('is none with the right token', async () => {
    expect(await download({ repo: gatedRepo, token: createSecret('hf_other') })).toEqual({ ok: true, sha256 });
  });

  it.each([500, 503, 429, 408])('by a %d is tried again', async (status) => {
    fault({ status, times: 2 });
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(servers()).toEqual(['hub', 'hub', 'hub', 'cdn']);
  });

  it('by a 503 of the storage is tried again, from the hub', async () => {
    fault({ storageStatus: 503, times: 1 });
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(servers()).toEqual(['hub', 'cdn', 'hub', 'cdn']);
  });

  it.each([
    [500, 'failed \\(500\\): wait, then run the same command again to continue$'],
    [429, 'accepts no more requests for now \\(429\\): wait, or set HF_TOKEN'],
  ])('by a %d is returned when it stays', async (status, told) => {
    fault({ status });
    expect(await failing({ attempts: 2 })).toMatch(new RegExp(told));
    expect(servers()).toEqual(['hub', 'hub']);
  });

  it.each([
    ['7', '7', [7_000]],
    ['3600', '3600', [60_000]],
    ['0', '0', [1]],
    ['of no meaning', 'soon', [1]],
    ['of a date in an hour', new Date(Date.now() + 3_600_000).toUTCString(), [60_000]],
  ])('with the Retry-After %s is tried again after so long, at most 60 s', async (_what, retryAfter, wanted) => {
    fault({ status: 429, retryAfter, times: 1 });
    const waits: number[] = [];
    await download({ wait: async (waitMs) => void waits.push(waitMs) });
    expect(waits).toEqual(wanted);
  });
});

describe('a redirect', () => {
  it('that never ends fails after 5', async () => {
    fault({ redirectLoop: true });
    expect(await failing()).toMatch(/redirects more than 5 times: check HF_ENDPOINT and any proxy$/);
    expect(setup.hub.requests).toHaveLength(6);
  });

  it.each([
    ['no address', ''],
    ['a file', 'file:///etc/passwd'],
    ['an address that is none', 'http://[hf_secret'],
    ['an address with a password', 'http://user:hf_secret@127.0.0.1/'],
  ])('to %s fails', async (_what, redirectTo) => {
    fault({ redirectTo });
    expect(await failing({ token })).toMatch(/127.0.0.1:\d+ redirects without a valid address: check HF_ENDPOINT/);
    expect(setup.hub.requests).toHaveLength(1);
  });
});

describe('a host that cannot be reached', () => {
  it('and refuses the connection is named', async () => {
    const gone = await startFakeHub({});
    await gone.close();
    expect(await failing({ endpoint: gone.url, attempts: 2 })).toContain(
      `${gone.url.replace('http://', '')} refuses the connection: check the network and HF_ENDPOINT`,
    );
  });

  it('and has no address is named', async () => {
    expect(await failing({ endpoint: 'http://hub.invalid', attempts: 1 })).toContain(
      'the name hub.invalid cannot be resolved: check the network and HF_ENDPOINT',
    );
  });
});
