import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from './line-source';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rerank-program-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string): Promise<{ lines: string[]; isMissing: boolean }> {
  const lines: string[] = [];
  return new Promise((resolve) => {
    const listener = {
      line: (text: string) => void lines.push(text),
      ended: ({ isMissing }: { isMissing: boolean }) => resolve({ lines, isMissing }),
    };
    startProgram(command, { args: [], env: { PATH: folder }, listener });
  });
}

test('a program is read line by line until it ends', async () => {
  writeFileSync(join(folder, 'talk'), '#!/bin/sh\necho one; echo two\n', { mode: 0o755 });
  expect(await run('talk')).toEqual({ lines: ['one', 'two'], isMissing: false });
});

test('a program that is not there is missing, and one that could not be started is not', async () => {
  writeFileSync(join(folder, 'forbidden'), '#!/bin/sh\n', { mode: 0o644 });
  expect(await run('nowhere')).toEqual({ lines: [], isMissing: true });
  expect(await run('forbidden')).toEqual({ lines: [], isMissing: false });
});
