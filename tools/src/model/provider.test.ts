import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { providerOfMachine } from './provider';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'provider-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ['a device', "echo 'GPU 0: NVIDIA L4 (UUID: GPU-7b0c)'", 'cuda'],
  ['two devices', "printf 'GPU 0: A\\nGPU 1: B\\n'", 'cuda'],
  ['no device', "echo 'No devices were found'", 'cpu'],
  ['a driver that does not answer', "echo 'NVIDIA-SMI has failed'; exit 9", 'cpu'],
] as const)('nvidia-smi with %s', async (_what, command, provider) => {
  const program = join(folder, 'nvidia-smi');
  writeFileSync(program, `#!/bin/sh\n[ "$1" = --list-gpus ] || exit 1\n${command}\n`);
  chmodSync(program, 0o755);
  expect(await providerOfMachine(program)).toBe(provider);
});

it('a machine without nvidia-smi has none', async () => {
  expect(await providerOfMachine(join(folder, 'absent'))).toBe('cpu');
});
