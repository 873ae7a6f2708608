import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorkerMetrics } from '@rerank-fleet/metrics';
import { parsePage } from '@rerank-fleet/metrics/testing';
import { until } from '@rerank-fleet/test-support';
import { type GpuWatch, startGpuWatch } from './watch';

const options = { model: 'm', queue: 'm@1', provider: 'cuda', revision: 'r', dtype: 'fp16', sessions: 1 };
const device = { gpu: '0', uuid: 'GPU-a' };
const reading = (used: number) => `0, GPU-a, 00000000:65:00.0, ${used}, 100, 12, 50`;
const logger = { info: () => undefined, warn: () => undefined };

let folder: string;
let watch: GpuWatch | undefined;
const withPrograms = () => ({ PATH: `${folder}:${process.env['PATH']}` });

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rerank-gpu-'))));
afterEach(() => {
  watch?.stop();
  watch = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a program of this name on the PATH. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function started(env: NodeJS.ProcessEnv = withPrograms()) {
  const metrics = createWorkerMetrics(options);
  watch = startGpuWatch({ metrics, logger, env });
  return async (name: string, labels = device) => parsePage(await metrics.render()).value(name, { ...labels });
}

test('one nvidia-smi is asked for all devices, and its newest line is what is exported', async () => {
  program(
    'nvidia-smi',
    `echo "$@" >> ${folder}/calls; echo '${reading(5)}'; sleep 0.1; echo '${reading(7)}'; exec sleep 60`,
  );
  program('dmesg', 'exit 1');
  const value = started();
  await until(async () => (await value('reranker_gpu_memory_usage_bytes')) === 7 * 1024 * 1024);
  expect(await value('reranker_gpu_memory_total_bytes')).toBe(100 * 1024 * 1024);
  expect(await value('reranker_gpu_utilization_percent')).toBe(12);
  expect(await value('reranker_gpu_temperature_celsius')).toBe(50);
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  expect(calls).toHaveLength(1);
  expect(calls[0]).toContain('-lms 1000');
});

test('a driver that fails takes its figures away instead of leaving the last ones', async () => {
  program('nvidia-smi', `echo '${reading(5)}'; while [ ! -e ${folder}/fail ]; do sleep 0.05; done; exit 9`);
  program('dmesg', 'exit 1');
  const value = started();
  await until(async () => (await value('reranker_gpu_memory_usage_bytes')) !== undefined);
  writeFileSync(join(folder, 'fail'), '');
  await until(async () => (await value('reranker_gpu_memory_usage_bytes')) === undefined);
});

test('Xid errors of the kernel log are counted for their device, from 0', async () => {
  program('nvidia-smi', `while true; do echo '${reading(5)}'; sleep 0.1; done`);
  const other = 'NVRM: Xid (PCI:0000:99:00): 13, pid=1';
  const own = 'NVRM: Xid (PCI:0000:65:00): 79, pid=1';
  program('dmesg', `while [ ! -e ${folder}/xid ]; do sleep 0.05; done; echo '${other}'; echo '${own}'; exec sleep 60`);
  const value = started();
  await until(async () => (await value('reranker_gpu_xid_errors_total')) === 0);
  writeFileSync(join(folder, 'xid'), '');
  await until(async () => (await value('reranker_gpu_xid_errors_total')) === 1);
});

test('where the kernel log may not be read there is no count of Xid errors', async () => {
  program('nvidia-smi', `while true; do echo '${reading(5)}'; sleep 0.1; done`);
  program('dmesg', `touch ${folder}/asked; exit 1`);
  const watched: unknown[] = [];
  const metrics = { gpusSampled: () => sampled++, gpuXidWatched: () => watched.push(1), gpuXid: () => undefined };
  let sampled = 0;
  watch = startGpuWatch({ metrics, logger, env: withPrograms() });
  // readings come ten times a second: thirty are past the time after which a log counts as followed
  await until(async () => sampled > 30);
  expect(watched).toEqual([]);
});

test('on a machine without nvidia-smi nothing is recorded, and nothing is retried', async () => {
  const value = started({ PATH: folder });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await value('reranker_gpu_memory_usage_bytes')).toBeUndefined();
});
