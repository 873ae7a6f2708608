import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { planBuild } from '../build/plan';
import { readReferences } from '../docs/app-reference';
import { parseStages, properties } from './dockerfile';
import { type Facts, brokenPromises, imageStages } from './dockerfile-rules';

const root = resolve(__dirname, '../../..');
const folder = join(root, 'deploy/docker');
const names = readdirSync(folder).filter((name) => name.endsWith('.Dockerfile'));
const apps = names.map((name) => name.replace('.Dockerfile', ''));
const read = (app: string) => readFileSync(join(folder, `${app}.Dockerfile`), 'utf8');
const plan = planBuild(root);

/** Whether `.dockerignore` includes a path: it lists included paths, and exclusions within them. */
function reachesBuilder(path: string): boolean {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const allowed = lines.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  return existsSync(join(root, path)) && allowed.some((each) => path === each || path.startsWith(`${each}/`));
}

async function portsByApp(): Promise<Map<string, number[]>> {
  const { gateway, others } = await readReferences(root);
  const isPort = (variable: string) => ['PORT', 'OPS_PORT'].includes(variable);
  return new Map(
    [gateway, ...others].map(({ app, configuration }) => [
      app,
      configuration.flatMap((each) => (isPort(each.variable) ? [Number(each.default)] : [])),
    ]),
  );
}

const common: Omit<Facts, 'ports'> = {
  version: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
  inContext: reachesBuilder,
  built: [
    ...plan.bundles.map(({ output }) => output),
    ...plan.copies.flatMap(({ to, paths }) => paths.map((path) => `${to}/${path}`)),
  ],
};

it('has a Dockerfile for every app that is built, and no others', () => {
  const built = plan.bundles.flatMap(({ output }) => /^apps\/([^/]+)\/main\.js$/.exec(output)?.[1] ?? []);
  expect(built.length).toBeGreaterThan(0);
  expect([...apps].sort()).toEqual([...built].sort());
});

it('finds no broken promise in any Dockerfile', async () => {
  const ports = await portsByApp();
  const broken = apps.map((app) => [app, brokenPromises(read(app), { ...common, ports: ports.get(app) ?? [] })]);
  expect(Object.fromEntries(broken)).toEqual(Object.fromEntries(apps.map((app) => [app, []])));
}, 60_000);

it('copies only its own app into each image', () => {
  for (const app of apps) {
    for (const other of apps)
      expect([app, other, read(app).includes(`dist/apps/${other} `)]).toEqual([app, other, app === other]);
  }
});

it('builds the repository with the same lines in each Dockerfile, so that the layers are shared', () => {
  const heads = apps.map((app) => /^[^]*?npm run build.*\n/.exec(read(app))?.[0]);
  expect(heads[0]).toContain('npm ci');
  expect(new Set(heads).size).toBe(1);
});

it('builds the worker for CPUs, which is the default target, and for CUDA', () => {
  const stages = parseStages(read('worker'));
  expect(imageStages(stages).map(({ name }) => name)).toEqual(['cpu', 'cuda']);
  expect(stages.at(-1)?.from).toBe('cpu');
});

it("disables onnxruntime's telemetry in every worker image", () => {
  const set = imageStages(parseStages(read('worker'))).map(
    (stage) => properties(stage, 'ENV')['ORT_DISABLE_TELEMETRY'],
  );
  expect(set).toEqual(['1', '1']);
});

it('sends only listed files to the builder', () => {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
  expect(rules[0]).toBe('*');
  for (const path of ['node_modules', 'dist', '.env', 'test.ts', 'log']) {
    expect(rules.some((rule) => rule.startsWith('**/') && rule.endsWith(path))).toBe(true);
  }
  for (const path of ['docs/README.md', 'README.md', 'docker-compose.yml']) expect(reachesBuilder(path)).toBe(false);
});

describe('a rule', () => {
  const good = `
FROM docker.io/library/node:26.10.0-bookworm-slim AS build
RUN npm run build
FROM docker.io/library/node:26.10.0-bookworm-slim AS cpu
COPY LICENSE ./
COPY --from=build /src/dist/apps/app /src/dist/tools/model.js ./
ENV NODE_ENV=production HOST=0.0.0.0 PORT=80 OPS_HOST=0.0.0.0 OPS_PORT=90
USER 10001:10001
EXPOSE 80 90
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1s CMD ["node", "check.js"]
ENTRYPOINT []
CMD ["node", "main.js"]
ARG VERSION=1.2.3
LABEL org.opencontainers.image.title="app" \\
      org.opencontainers.image.version="$VERSION" \\
      org.opencontainers.image.licenses="Apache-2.0"
FROM cpu
`;
  const facts: Facts = {
    ports: [90, 80],
    version: '1.2.3',
    inContext: (path) => path === 'LICENSE',
    built: ['apps/app/main.js', 'tools/model.js'],
  };
  const broken = (from: string | RegExp, to: string) => {
    const bad = good.replace(from, to);
    expect(bad).not.toBe(good);
    return brokenPromises(bad, facts);
  };

  it('finds no fault in a good file', () => expect(brokenPromises(good, facts)).toEqual([]));

  const cases: [what: string, from: string | RegExp, to: string, message: string][] = [
    ['no image at all', /^[^]*$/, '', 'it has no FROM'],
    ['no tag', ':26.10.0-bookworm-slim AS build', ' AS build', 'FROM docker.io/library/node is neither'],
    ['latest', '26.10.0-bookworm-slim AS build', 'latest AS build', ':latest is neither'],
    ['a floating major', '26.10.0-bookworm-slim AS build', '26-bookworm-slim AS build', ':26-bookworm-slim is neither'],
    ['a floating minor', '26.10.0-bookworm-slim AS cpu', '26.10 AS cpu', ':26.10 is neither'],
    ['an unpinned image to copy from', '--from=build', '--from=busybox', 'COPY --from=busybox is not an earlier stage'],
    ['a stage that comes later', '--from=build', '--from=cpu', 'COPY --from=cpu is not an earlier stage'],
    ['a file that is not there', 'COPY LICENSE', 'COPY LICENCE', 'COPY of LICENCE, which nothing creates'],
    ['a folder that the build does not make', 'apps/app', 'apps/ap', 'COPY of /src/dist/apps/ap, which'],
    ['a file that the build does not make', 'tools/model.js', 'tools/up.js', 'COPY of /src/dist/tools/up.js, which'],
    ['a last stage that runs nothing', 'FROM cpu', 'FROM build', 'the last stage is not one that runs'],
    ['root by name', '10001:10001', 'root', 'stage cpu: USER is root'],
    ['root by number', '10001:10001', '0:0', 'stage cpu: USER is 0:0'],
    ["root's group", '10001:10001', '10001:0', 'stage cpu: USER is 10001:0'],
    ['a user by name', '10001:10001', 'node', 'stage cpu: USER is node'],
    ['no user', 'USER 10001:10001', '', 'stage cpu: USER is absent'],
    ['a user that is root again', 'EXPOSE', 'USER 0:0\nEXPOSE', 'stage cpu: USER is 0:0'],
    ["the base's entry point", 'ENTRYPOINT []', '', 'stage cpu: ENTRYPOINT is not []'],
    ['a command for a shell', '["node", "main.js"]', 'node main.js', 'stage cpu: CMD is not node in exec form'],
    ['no health check', /HEALTHCHECK.*/, '', 'stage cpu: HEALTHCHECK is not node in exec form'],
    ['a health check that is switched off', /HEALTHCHECK.*/, 'HEALTHCHECK NONE', 'stage cpu: HEALTHCHECK is not'],
    ['a health check for a shell', '["node", "check.js"]', 'curl :90', 'stage cpu: HEALTHCHECK is not node'],
    ['another signal', 'SIGTERM', 'SIGKILL', 'stage cpu: STOPSIGNAL is not SIGTERM'],
    ['a build for development', 'NODE_ENV=production', '', 'stage cpu: NODE_ENV is not production'],
    ['a port that nothing listens on', 'EXPOSE 80 90', 'EXPOSE 80 91', 'stage cpu: EXPOSE 80 91, but the app'],
    ['a port that is not said', 'EXPOSE 80 90', 'EXPOSE 90', 'stage cpu: EXPOSE 90, but the app'],
    ["another port than the app's", ' PORT=80', ' PORT=81', 'stage cpu: ENV sets the ports 81 90'],
    ['a loopback address', ' HOST=0.0.0.0', ' HOST=127.0.0.1', 'stage cpu: HOST is not 0.0.0.0'],
    ['a loopback address for operators', 'OPS_HOST=0.0.0.0', '', 'stage cpu: OPS_HOST is not 0.0.0.0'],
    ['a missing label', 'image.licenses', 'image.license', 'there is no label org.opencontainers.image.licenses'],
    ['an old version', 'VERSION=1.2.3', 'VERSION=1.2.2', 'stage cpu: ARG VERSION is 1.2.2'],
  ];
  it.each(cases)('finds %s', (...[, from, to, message]) => {
    expect(broken(from, to).join('\n')).toContain(message);
  });

  it('accepts an image by digest', () => {
    expect(broken(':26.10.0-bookworm-slim AS build', `@sha256:${'a'.repeat(64)} AS build`)).toEqual([]);
  });

  it('requires no HOST for an app that has only an ops port', () => {
    const opsOnly = good.replace(' HOST=0.0.0.0 PORT=80', '').replace('EXPOSE 80 90', 'EXPOSE 90');
    expect(brokenPromises(opsOnly, { ...facts, ports: [90] })).toEqual([]);
  });
});
