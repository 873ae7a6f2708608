import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReading, readGpus } from './nvidia-smi';

const line = '0, GPU-7b0c, 00000000:65:00.0, 2048, 81559, 37, 54';

test('a reading has memory in bytes, load in percent and temperature in degrees Celsius', () => {
  expect(parseReading(line)).toEqual({
    gpu: '0',
    uuid: 'GPU-7b0c',
    pciAddress: '0000:65:00',
    memoryUsedBytes: 2048 * 1024 * 1024,
    memoryTotalBytes: 81559 * 1024 * 1024,
    utilizationPercent: 37,
    temperatureCelsius: 54,
  });
});

test.each(['[N/A]', '[Not Supported]', '[GPU is lost]', 'ERR!', ''])('a figure given as %p is none', (text) => {
  const reading = parseReading(`1, GPU-b, 00000000:B3:00.0, ${text}, 100, ${text}, ${text}`);
  expect(reading).toMatchObject({ gpu: '1', pciAddress: '0000:b3:00', memoryTotalBytes: 100 * 1024 * 1024 });
  expect(reading?.memoryUsedBytes).toBeUndefined();
  expect(reading?.utilizationPercent).toBeUndefined();
  expect(reading?.temperatureCelsius).toBeUndefined();
});

test.each([
  'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.',
  'No devices were found',
  'Unable to determine the device handle for GPU0000:65:00.0: Unknown Error',
  '',
  `${line}, 1`,
  line.replace('GPU-7b0c', ''),
])('what is no reading is none: %p', (text) => {
  expect(parseReading(text)).toBeUndefined();
});

describe('reading all devices once', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rerank-smi-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Reads with a program of this content in place of the driver's. */
  function read(script: string | undefined, limitMs = 60_000) {
    if (script !== undefined) writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return readGpus({ PATH: script === undefined ? folder : `${folder}:${process.env['PATH']}` }, limitMs);
  }

  test('gives the readings of one run of the program', async () => {
    const readings = await read(`case "$*" in *-lms*) exit 1;; esac; echo '${line}'; echo noise; echo '${line}'`);
    expect(readings).toEqual([parseReading(line), parseReading(line)]);
  });

  test.each([
    ['is missing', undefined],
    ['fails', 'exit 9'],
    ['prints only a message', 'echo "No devices were found"'],
  ])('gives none when the program %s', async (_what, script) => {
    await expect(read(script)).resolves.toEqual([]);
  });

  test('gives none when the program hangs, whatever it has printed', async () => {
    await expect(read(`echo '${line}'; exec sleep 600`, 300)).resolves.toEqual([]);
  });
});
