import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildAll } from './build';
import { sourceStamp } from './stamp';

let root: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A small repository: a gateway, a worker with a thread, a library, and stand-ins for the copied packages. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'build-test-'));
  const app = JSON.stringify({ nx: { tags: ['type:app'] } });
  write('apps/gateway/package.json', app);
  write(
    'apps/gateway/src/main.ts',
    `import { word } from '@rerank-fleet/lib'; const said: string = word; console.log(said);`,
  );
  write('apps/worker/package.json', app);
  write('apps/worker/src/main.ts', `import { run } from 'onnxruntime-node'; console.log(run());`);
  write('apps/worker/src/deep/session-thread.ts', `console.log('thread');`);
  write('apps/system-e2e/package.json', JSON.stringify({ nx: { tags: ['type:e2e'] } }));
  write('tools/src/up/main.ts', `console.log('up');`);
  write('tools/src/model/main.ts', `console.log('model');`);
  const source = { '@rerank-fleet/source': './src/index.ts' };
  write(
    'libs/lib/package.json',
    JSON.stringify({ name: '@rerank-fleet/lib', version: '1', license: 'MIT', exports: { '.': source } }),
  );
  write('libs/lib/src/index.ts', `export const word = 'hello';`);
  cpSync(join(root, 'libs/lib'), join(root, 'node_modules/@rerank-fleet/lib'), { recursive: true });
  write('node_modules/onnxruntime-node/package.json', '{"main":"dist/index.js"}');
  write('node_modules/onnxruntime-node/dist/index.js', `exports.run = () => require('onnxruntime-common').tensor;`);
  write(`node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/binding.node`, '');
  write('node_modules/onnxruntime-node/bin/napi-v6/other/x64/binding.node', '');
  write('node_modules/onnxruntime-common/package.json', '{"main":"dist/index.js"}');
  write('node_modules/onnxruntime-common/dist/index.js', `exports.tensor = 'tensor';`);
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-standalone-preset.js', 'LICENSE']) {
    write(`node_modules/swagger-ui-dist/${file}`, file);
  }
  for (const size of [16, 32]) write(`node_modules/swagger-ui-dist/favicon-${size}x${size}.png`, '');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = (folder: string, file: string) =>
  execFileSync(process.execPath, [join(folder, file)], { encoding: 'utf8' });

it('builds apps that run outside the repository, with the files that they need', async () => {
  expect(await buildAll(root)).toBe('built');
  const elsewhere = mkdtempSync(join(tmpdir(), 'build-test-elsewhere-'));
  cpSync(join(root, 'dist'), elsewhere, { recursive: true });
  try {
    expect(run(elsewhere, 'apps/gateway/main.js')).toBe('hello\n');
    expect(run(elsewhere, 'apps/worker/main.js')).toBe('tensor\n');
    expect(run(elsewhere, 'apps/worker/session-thread.js')).toBe('thread\n');
    expect(run(elsewhere, 'tools/up.js')).toBe('up\n');
    expect(run(elsewhere, 'tools/model.js')).toBe('model\n');
    expect(existsSync(join(elsewhere, 'apps/gateway/swagger-ui/swagger-ui-bundle.js'))).toBe(true);
    const bin = join(elsewhere, 'apps/worker/node_modules/onnxruntime-node/bin/napi-v6');
    expect(existsSync(join(bin, 'other'))).toBe(false);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

it('lists the packages of each program with their licences', async () => {
  write('node_modules/@rerank-fleet/lib/LICENSE', 'You may.');
  await buildAll(root);
  const licences = (app: string) => readFileSync(join(root, 'dist/apps', app, 'licenses.md'), 'utf8');
  expect(licences('gateway')).toMatch(/\n## @rerank-fleet\/lib 1 \(MIT\)\n\nYou may\.\n$/);
  expect(licences('worker')).not.toContain('##');
});

it('refuses to bundle a package without a licence', async () => {
  write('node_modules/@rerank-fleet/lib/package.json', JSON.stringify({ exports: { '.': './src/index.ts' } }));
  await expect(buildAll(root)).rejects.toThrow('node_modules/@rerank-fleet/lib does not state its licence');
});

it('builds a page with its own Vite into the folder of the gateway', async () => {
  write('apps/playground/package.json', JSON.stringify({ nx: { tags: ['type:page'] } }));
  write('apps/playground/index.html', '<title>page</title>');
  write('apps/playground/node_modules/vite/package.json', '{}');
  write(
    'apps/playground/node_modules/vite/bin/vite.js',
    `const { cpSync } = require('node:fs'); cpSync('index.html', process.argv[4] + '/index.html');`,
  );
  await buildAll(root);
  const built = () => readFileSync(join(root, 'dist/apps/gateway/playground/index.html'), 'utf8');
  expect(built()).toBe('<title>page</title>');
  write('apps/playground/index.html', '<title>changed</title>');
  write('apps/playground/node_modules/vite/bin/vite.js', `console.error('no such import'); process.exit(1);`);
  await expect(buildAll(root)).rejects.toThrow('apps/playground could not be built:\nno such import');
  expect(built()).toBe('<title>page</title>');
});

it('builds nothing while the sources stay the same, and again when one changes', async () => {
  await buildAll(root);
  const { ino } = statSync(join(root, 'dist'));
  expect(await buildAll(root)).toBe('fresh');
  expect(statSync(join(root, 'dist')).ino).toBe(ino);
  write('apps/gateway/src/main.ts', `console.log('changed');`);
  expect(await buildAll(root)).toBe('built');
  expect(run(root, 'dist/apps/gateway/main.js')).toBe('changed\n');
});

it('leaves the last build as it was when a source does not compile', async () => {
  await buildAll(root);
  write('apps/gateway/src/main.ts', `import './missing';`);
  await expect(buildAll(root)).rejects.toThrow(/missing/);
  expect(run(root, 'dist/apps/gateway/main.js')).toBe('hello\n');
  expect(existsSync(join(root, 'node_modules/.cache'))).toBe(true);
});

it('refuses an app without a main', async () => {
  rmSync(join(root, 'apps/worker/src/main.ts'));
  await expect(buildAll(root)).rejects.toThrow('apps/worker/src/main.ts does not exist');
});

it.each([
  'apps/gateway/src/main.ts',
  'apps/gateway/package.json',
  'apps/gateway/tsconfig.json',
  'apps/gateway/index.html',
  'apps/gateway/vite.config.ts',
  'apps/gateway/golden/queries.json',
  'libs/lib/src/index.ts',
  'libs/lib/tsconfig.json',
  'tools/src/build/plan.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
])('builds again when %s changes', (path) => {
  const stamp = sourceStamp(root);
  write(path, '{"changed":true}');
  expect(sourceStamp(root)).not.toBe(stamp);
});

it('stamps the sources of a build, without tests and other files', () => {
  const stamp = sourceStamp(root);
  write('apps/gateway/src/main.test.ts', 'it()');
  write('docs/page.md', 'text');
  expect(sourceStamp(root)).toBe(stamp);
});
