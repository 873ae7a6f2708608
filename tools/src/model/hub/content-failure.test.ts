import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { content, model, repo, sha256, useDownloads } from './download-testing';

const { cutAfter, download, failing, fault, ranges, setup } = useDownloads();

describe('a wrong content', () => {
  it('deletes the part, reports both checksums, and the next call begins anew', async () => {
    fault({ wrongBytes: true, times: 1 });
    const found = createHash('sha256')
      .update(content.map((byte) => byte ^ 1))
      .digest('hex');
    expect(await failing()).toMatch(
      new RegExp(`^${model} of ${repo}: has the sha256 ${found}, the hub states sha256 ${sha256}: .* again$`),
    );
    expect(readdirSync(setup.folder)).toEqual([]);
    expect(await download()).toEqual({ ok: true, sha256 });
    expect(ranges()).toEqual([undefined, undefined]);
  });

  it('is seen when it continues another file', async () => {
    writeFileSync(setup.part, Buffer.alloc(1_000));
    expect(await failing()).toContain('continued an older file');
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it('is seen by the git checksum of a file outside of LFS', async () => {
    fault({ wrongBytes: true }, 'config.json');
    expect(await failing({ path: 'config.json' })).toMatch(/has the git sha1 [0-9a-f]{40}, the hub states git sha1 /);
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it('does not touch the file that is there', async () => {
    writeFileSync(setup.target, 'older');
    fault({ wrongBytes: true });
    await failing();
    expect(readFileSync(setup.target, 'utf8')).toBe('older');
  });

  it('is too long: stops at once', async () => {
    fault({ content: randomBytes(3_000_000), stallAfterBytes: 400_000 });
    const told: number[] = [];
    expect(await failing({ onProgress: (bytes) => told.push(bytes) })).toContain(
      'sent more than 200000 bytes, 200000 were expected',
    );
    expect(Math.max(...told)).toBeLessThanOrEqual(200_000);
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it('is too short', async () => {
    fault({ content: content.subarray(0, 1_000) });
    expect(await failing()).toContain('the hub sent 1000 bytes, 200000 were expected');
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it.each([model, 'config.json'])('is the Git LFS pointer of %s', async (path) => {
    fault({ lfsPointer: true }, path);
    expect(await failing({ path })).toMatch(/: a Git LFS pointer was received instead of the file: .*HF_ENDPOINT/);
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it.each([model, 'config.json'])('is a web page with an HTML type in place of %s', async (path) => {
    fault({ htmlPage: 'typed' }, path);
    expect(await failing({ path })).toMatch(
      /127.0.0.1:\d+ sent a web page instead of the file: it is a login or proxy/,
    );
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it.each([model, 'config.json'])('is a web page without a type in place of %s', async (path) => {
    fault({ htmlPage: 'untyped' }, path);
    expect(await failing({ path })).toMatch(/: a web page was received instead of the file: it is a login or proxy/);
    expect(readdirSync(setup.folder)).toEqual([]);
  });

  it('is a web page whose connection was cut: it is not continued', async () => {
    expect(await failing(cutAfter(40, { htmlPage: 'untyped' }))).toContain(
      'a web page was received instead of the file',
    );
    expect(ranges()).toEqual([undefined]);
    expect(readdirSync(setup.folder)).toEqual([]);
  });
});
