import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, link, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { post, startFleet, type TestFleet } from './fleet';

const root = join(__dirname, '../../..');
const bundle = join(root, 'models/multilingual-e5-small/1');

let folder: string;
let fleet: TestFleet;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rerank-dist-'));
  fleet = await startFleet();
}, 30_000);
afterAll(async () => {
  await fleet.stop();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

/** A copy of the default bundle whose files are links, so that a test can replace a file. */
async function linkedBundle(name: string): Promise<string> {
  const target = join(folder, name, 'multilingual-e5-small/1');
  await mkdir(target, { recursive: true });
  for (const file of await readdir(bundle)) {
    const from = join(bundle, file);
    await link(from, join(target, file)).catch(() => cp(from, join(target, file)));
  }
  return target;
}

/** Runs a built worker that is expected to fail. Returns its output and its exit code. */
async function refusedWorker(env: Record<string, string>): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'dist/apps/worker/main.js')], {
    env: { PATH: process.env['PATH'], REDIS_URL: fleet.redisUrl, OPS_PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  return { code, stderr };
}

describe('the built apps', () => {
  it('send no telemetry: a worker that ranks writes nothing into the folders of its user', async () => {
    const home = join(folder, 'home');
    await mkdir(home);
    await fleet.startWorker({ HOME: home, TMPDIR: home });
    const gateway = await fleet.startGateway();
    expect((await post(`${gateway.url}/rerank`, { query: 'q', documents: ['a', 'b'] })).status).toBe(200);
    expect(await readdir(home)).toEqual([]);
  }, 60_000);

  it('run from a folder outside the repository without other files', async () => {
    await cp(join(root, 'dist/apps'), join(folder, 'apps'), { recursive: true });
    const elsewhere = await startFleet(join(folder, 'apps'));
    try {
      await elsewhere.startWorker();
      const gateway = await elsewhere.startGateway();
      const response = await post(`${gateway.url}/rerank`, { query: 'q', documents: ['a', 'b'] });
      expect(response.status).toBe(200);
      for (const path of ['/docs', '/docs/swagger-ui-bundle.js', '/openapi.json']) {
        expect((await fetch(`${gateway.url}${path}`)).status).toBe(200);
      }
    } finally {
      await elsewhere.stop();
    }
  }, 60_000);
});

describe('a worker whose bundle cannot be served ends with one line that names the file and the solution', () => {
  const replace = async (target: string, file: string, content: string) => {
    await rm(join(target, file));
    await writeFile(join(target, file), content);
  };

  it.each([
    { name: 'empty', file: 'model.onnx', content: '', says: /model\.onnx.*empty/ },
    {
      name: 'pointer',
      file: 'model.onnx',
      content: 'version https://git-lfs.github.com/spec/v1\n',
      says: /model\.onnx.*git lfs pull/i,
    },
    { name: 'half-tokenizer', file: 'tokenizer.json', content: '{"model": {', says: /tokenizer\.json/ },
    { name: 'no-manifest', file: 'manifest.json', content: 'not json', says: /manifest\.json/ },
  ])('$name', async ({ name, file, content, says }) => {
    await replace(await linkedBundle(name), file, content);
    const { code, stderr } = await refusedWorker({ MODELS_DIR: join(folder, name) });
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('an unknown name, with the existing names', async () => {
    const { code, stderr } = await refusedWorker({ MODELS_DIR: join(root, 'models'), MODEL: 'no-such-model' });
    expect([code, stderr]).toEqual([1, expect.stringContaining('there are: multilingual-e5-small')]);
  });
});
