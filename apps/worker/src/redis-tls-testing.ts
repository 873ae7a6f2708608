import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { redisProgram, startTestRedis, type TestRedis } from '@rerank-fleet/queue/testing';
import { freePort } from '@rerank-fleet/test-support';

const run = promisify(execFile);

/** Certificates of one test, in a temporary folder. */
export interface Certificates {
  /** The path of a file: `ca.crt`, `server.crt`, `server.key`, `client.crt`, `client.key`, `other-ca.crt`. */
  path(name: string): string;
  remove(): void;
}

/** A CA with certificates for a server on 127.0.0.1 and for a client, and another CA. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), 'rerank-tls-'));
  const path = (name: string) => join(folder, name);
  const make = (name: string, options: readonly string[]) => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path(`${name}.key`)];
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    return run('openssl', ['req', '-x509', ...key, ...subject, '-out', path(`${name}.crt`), ...options]);
  };
  const signed = ['-CA', path('ca.crt'), '-CAkey', path('ca.key')];
  await Promise.all([make('ca', []), make('other-ca', [])]);
  await Promise.all([
    make('server', [...signed, '-addext', 'subjectAltName=IP:127.0.0.1']),
    make('client', [...signed, '-addext', 'extendedKeyUsage=clientAuth']),
  ]);
  return { path, remove: () => rmSync(folder, { recursive: true }) };
}

/** Servers that accept only TLS, from clients with a certificate. */
export interface TlsRedis {
  /** The part of `REDIS_URL` after `rediss`. */
  urlSuffix: string;
  stop(): Promise<void>;
}

/** One server. */
export async function startTlsServer(certificates: Certificates): Promise<TlsRedis> {
  const { redis, port } = await startServer(certificates, []);
  return { urlSuffix: `://127.0.0.1:${port}`, stop: redis.stop };
}

/** A master with one Sentinel. */
export async function startTlsSentinel(certificates: Certificates): Promise<TlsRedis> {
  const { redis, port: masterPort } = await startServer(certificates, []);
  const port = await freePort();
  const settings = [...tlsSettings(certificates, port), ['port', '0'], ['bind', '127.0.0.1']];
  const monitor = ['sentinel', 'monitor', 'fleet', '127.0.0.1', String(masterPort), '1'];
  const file = certificates.path('sentinel.conf');
  writeFileSync(file, [...settings, monitor].map((words) => `${words.join(' ')}\n`).join(''));
  const sentinel = spawn(redisProgram, [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    sentinel.once('exit', (code) => reject(new Error(`the Sentinel ended with ${code}`)));
    sentinel.stdout.on('data', (chunk: Buffer) => chunk.includes('+monitor') && resolve());
  });
  return {
    urlSuffix: `+sentinel://127.0.0.1:${port}/fleet`,
    async stop() {
      const ended = once(sentinel, 'exit');
      sentinel.kill('SIGKILL');
      await Promise.all([ended, redis.stop()]);
    },
  };
}

/** A Cluster of one node. */
export async function startTlsCluster(certificates: Certificates): Promise<TlsRedis> {
  const busPort = await freePort();
  const { redis, port } = await startServer(certificates, [
    ['cluster-enabled', 'yes'],
    ['cluster-port', String(busPort)],
    ['cluster-announce-ip', '127.0.0.1'],
    ['tls-cluster', 'yes'],
  ]);
  await redis.client.cluster('ADDSLOTSRANGE', 0, 16_383);
  while (!(await redis.client.cluster('INFO')).includes('cluster_state:ok')) await new Promise(setImmediate);
  return { urlSuffix: `+cluster://127.0.0.1:${port}`, stop: redis.stop };
}

async function startServer(
  certificates: Certificates,
  settings: readonly string[][],
): Promise<{ redis: TestRedis; port: number }> {
  const port = await freePort();
  const all = [...tlsSettings(certificates, port), ['bind', '127.0.0.1'], ...settings];
  return { redis: await startTestRedis(all.flatMap(([name, ...values]) => [`--${name}`, ...values])), port };
}

function tlsSettings({ path }: Certificates, port: number): string[][] {
  return [
    ['tls-port', String(port)],
    ['tls-replication', 'yes'],
    ['tls-ca-cert-file', path('ca.crt')],
    ['tls-cert-file', path('server.crt')],
    ['tls-key-file', path('server.key')],
  ];
}
