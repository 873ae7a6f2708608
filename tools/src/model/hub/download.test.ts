import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { content, files, model, repo, sha256, token, useDownloads } from './download-testing';

const { cutAfter, download, setup } = useDownloads();

describe('a download', () => {
  it('follows the hub to another origin, checks the file and puts it in its place', async () => {
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(readFileSync(setup.target).equals(content)).toBe(true);
    expect(readdirSync(setup.folder)).toEqual(['model.onnx']);
    expect(setup.hub.requests.map(({ method, server, url }) => [method, server, url.split('?')[0]])).toEqual([
      ['GET', 'hub', `/${repo}/resolve/${setup.hub.commit}/${model}`],
      ['GET', 'cdn', `/${repo}/resolve/${setup.hub.commit}/${model}`],
    ]);
  });

  it('asks for the bytes as they are, without compression', async () => {
    await download();
    expect(setup.hub.requests.map(({ headers }) => headers['accept-encoding'])).toEqual(['identity', 'identity']);
  });

  it('follows a relative redirect and checks a file outside of LFS by its git checksum', async () => {
    const found = createHash('sha256')
      .update(files['config.json'] ?? '')
      .digest('hex');
    expect(await download({ path: 'config.json', endpoint: `${setup.hub.url}/mirror/` })).toEqual({
      ok: true,
      sha256: found,
    });
    expect(setup.hub.requests.map(({ url }) => url)).toEqual([
      `/mirror/${repo}/resolve/${setup.hub.commit}/config.json`,
      `/mirror/api/resolve-cache/models/${repo}/resolve/${setup.hub.commit}/config.json`,
    ]);
  });

  it.each(['a b/Größe #1?.txt', 'page.html'])('takes the file %s', async (path) => {
    expect(await download({ path })).toMatchObject({ ok: true });
    expect(readFileSync(setup.target).equals(files[path] ?? content)).toBe(true);
  });

  it('makes the folder of the file, and an empty file without a request', async () => {
    setup.target = join(setup.folder, 'deep/er/empty.txt');
    expect(await download({ path: 'empty.txt' })).toMatchObject({ ok: true });
    expect(statSync(setup.target).size).toBe(0);
    expect(setup.hub.requests).toEqual([]);
  });

  it('is not done again when the file is there and right', async () => {
    writeFileSync(setup.target, content);
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(setup.hub.requests).toEqual([]);
  });

  it.each([
    ['another checksum', Buffer.alloc(content.length)],
    ['another size', content.subarray(1)],
  ])('replaces a file of %s', async (_what, old) => {
    writeFileSync(setup.target, old);
    expect(await download()).toMatchObject({ ok: true });
    expect(readFileSync(setup.target).equals(content)).toBe(true);
  });

  it('reports its progress up to the whole size', async () => {
    const told: number[] = [];
    await download({ onProgress: (bytes) => told.push(bytes) });
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(content.length);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
  });
});

describe('the token', () => {
  it('is sent to the origin of the endpoint and to no other', async () => {
    expect(await download({ token })).toMatchObject({ ok: true });
    expect(setup.hub.requests.map(({ server, headers }) => [server, headers.authorization])).toEqual([
      ['hub', 'Bearer hf_secret'],
      ['cdn', undefined],
    ]);
  });

  it('is not sent to another origin on any later attempt either', async () => {
    expect(await download({ token, ...cutAfter(1_000, { times: 3 }) })).toMatchObject({ ok: true });
    const atCdn = setup.hub.requests.filter(({ server }) => server === 'cdn');
    expect(atCdn.length).toBeGreaterThan(1);
    expect(JSON.stringify(atCdn)).not.toContain('hf_secret');
  });

  it('is kept along a redirect within the origin', async () => {
    await download({ token, path: 'config.json' });
    expect(setup.hub.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer hf_secret',
      'Bearer hf_secret',
    ]);
  });
});
