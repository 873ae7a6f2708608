import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './testing';

const deploy = join(root, 'deploy/prometheus');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rerank-prometheus-'));
  // replaces Prometheus and prints its arguments
  await writeFile(join(folder, 'prometheus'), '#!/bin/sh\necho "$@"\n', { mode: 0o700 });
});
afterEach(() => rm(folder, { recursive: true }));

async function start(profiles: string): Promise<string[]> {
  const env = { PATH: `${folder}:${process.env['PATH']}`, TMPDIR: folder, COMPOSE_PROFILES: profiles };
  const { stdout, stderr } = await run(['sh', join(deploy, 'start.sh'), '--a', '--b=c d'], { env });
  expect(stderr).toBe('');
  return stdout.trim().split(' ');
}

it.each(['', 'gpu', 'not-long-term'])(
  'Prometheus has its own configuration with the profiles "%s"',
  async (profiles) => {
    expect(await start(profiles)).toEqual([`--config.file=${deploy}/prometheus.yml`, '--a', '--b=c', 'd']);
  },
);

it.each(['long-term', 'gpu,long-term', '*'])(
  'Prometheus writes to long-term storage as well with "%s"',
  async (profiles) => {
    expect(await start(profiles)).toEqual([`--config.file=${folder}/prometheus.yml`, '--a', '--b=c', 'd']);
    const files = await Promise.all(
      ['prometheus', 'remote-write'].map((name) => readFile(join(deploy, `${name}.yml`), 'utf8')),
    );
    expect(await readFile(join(folder, 'prometheus.yml'), 'utf8')).toBe(files.join(''));
    const checked = await run(['promtool', 'check', 'config', join(folder, 'prometheus.yml')]);
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringMatching(/SUCCESS: 4 rule files found/) as string });
  },
);
