import { baseOf } from './base';
import { parseImageConfig } from './buildah';
import { confinementOf } from './container';
import { portableSettings } from './npm-settings';
import { longExample, sumOf } from './requests';
import { sizeLines } from './sizes';

describe('the base', () => {
  it('is read from the Dockerfile', () => {
    expect(baseOf('FROM docker.io/library/node:26.10.0-bookworm-slim AS build\nFROM build')).toEqual({
      name: 'docker.io/library/node:26.10.0-bookworm-slim',
      nodeVersion: '26.10.0',
      suite: 'bookworm',
    });
  });

  it.each([
    'node:26.10.0-bookworm-slim',
    'docker.io/library/node:26-bookworm-slim',
    'docker.io/library/node:26.10.0-alpine',
  ])('is refused when it is %s, which cannot be made of Debian and npm packages', (image) =>
    expect(() => baseOf(`FROM ${image}`)).toThrow(`the base ${image} is not`),
  );
});

describe("npm's settings for a build", () => {
  it('are those that are needed to reach a registry', () => {
    const file = [
      'registry=https://npm.example/',
      '@scope:registry = https://scope.example/',
      '//npm.example/:_authToken=secret',
      'https-proxy=http://proxy.example',
      'ca[]="a certificate"',
      'cafile=/etc/certificates.pem',
      'prefix=/opt/npm',
      'cache=/var/cache/npm',
      '; registry=commented out',
    ];
    expect(portableSettings([file.join('\n')]).split('\n')).toEqual([...file.slice(0, 5), '']);
  });

  it("prefer the user's file to the machine's", () => {
    expect(portableSettings(['registry=a', 'registry=b'])).toBe('registry=a\nregistry=b\n');
  });
});

describe('an image', () => {
  const config = {
    User: '10001:10001',
    Env: ['PATH=/bin', 'OPTIONS=a=b'],
    Cmd: ['node', 'main.js'],
    Entrypoint: null,
    WorkingDir: '/app',
    StopSignal: 'SIGTERM',
    Healthcheck: { Test: ['CMD', 'node', 'healthcheck.mjs'], Interval: 1 },
  };
  const inspected = (changed: object) => JSON.stringify({ Docker: { config: { ...config, ...changed } } });

  it('has a run configuration', () => {
    expect(parseImageConfig(inspected({}))).toEqual({
      user: '10001:10001',
      env: { PATH: '/bin', OPTIONS: 'a=b' },
      command: ['node', 'main.js'],
      workingDir: '/app',
      stopSignal: 'SIGTERM',
      healthCommand: ['node', 'healthcheck.mjs'],
    });
    expect(parseImageConfig(inspected({ Entrypoint: ['entry.sh'] })).command).toEqual(['entry.sh', 'node', 'main.js']);
  });

  it.each([{ Healthcheck: undefined }, { Healthcheck: { Test: ['CMD-SHELL', 'curl'] } }, { StopSignal: undefined }])(
    'is refused with %j',
    (changed) => expect(() => parseImageConfig(inspected(changed))).toThrow(),
  );
});

it('reads the confinement of a process from the kernel', () => {
  const { user, group, program, readOnlyRoot } = confinementOf(process.pid);
  expect([user, group, program]).toEqual([String(process.getuid?.()), String(process.getgid?.()), 'node']);
  expect(readOnlyRoot).toBe(false);
});

it('sums the series of a metric whose labels match, and of no other metric', () => {
  const metrics = ['# HELP jobs x', 'jobs{state="active"} 2', 'jobs{state="failed"} 4', 'jobs_total 8', 'up 1'].join(
    '\n',
  );
  expect(sumOf(metrics, 'jobs', 'state="active"')).toBe(2);
  expect(sumOf(metrics, 'jobs', '')).toBe(6);
  expect(sumOf(metrics, 'up', '')).toBe(1);
  expect(sumOf('', 'jobs', '')).toBe(0);
});

it('makes a long request of different documents', () => {
  const { documents } = longExample(50);
  expect(new Set(documents).size).toBe(50);
});

it('prints sizes in MB, with the share of the base', () => {
  const lines = sizeLines([{ name: 'worker', total: 383_000_000, app: 56_500_000, models: 84_000_000 }]);
  expect(lines).toEqual([
    '  MB, uncompressed     image     app  models    base',
    '  worker               383.0    56.5    84.0   242.5',
  ]);
});
