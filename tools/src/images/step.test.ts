import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@rerank-fleet/test-support';
import { isAlive } from '../up/testing';
import { type Run, runLogged } from './step';

let logs: string;
let said: string[];
beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), 'step-test-'));
  said = [];
});
afterEach(() => rmSync(logs, { recursive: true, force: true }));

const run = (signal = new AbortController().signal): Run => ({
  ...{ root: '/', storage: '/', driver: 'vfs', logs, signal },
  say: (line) => said.push(line),
});
const shell = (script: string, limitMs = 60_000) => ({ name: 'a step', command: 'sh', args: ['-c', script], limitMs });

it('prints its name and returns the output of the command', async () => {
  expect(await runLogged(run(), shell('echo one; echo two >&2'))).toBe('one\ntwo\n');
  expect(said).toEqual(['a step']);
});

it('fails with the end of the output', async () => {
  const failing = runLogged(run(), shell('echo early; echo the reason; exit 3'));
  await expect(failing).rejects.toThrow(/^a step: ended by exit code 3\n {2}\| early\n {2}\| the reason$/);
});

/** A command that leaves a process running and writes its id to a file. */
const leaving = () => `sleep 600 & echo $! >${join(logs, 'pid')}.new; mv ${join(logs, 'pid')}.new ${join(logs, 'pid')}`;
/** Waits until the process has ended, shortly after the signal. */
async function leftBehindEnds(): Promise<void> {
  const pid = Number(readFileSync(join(logs, 'pid'), 'utf8'));
  await until(() => !isAlive(pid));
}

it('stops every process that the command has started', async () => {
  await runLogged(run(), shell(leaving()));
  await leftBehindEnds();
});

it('ends the command and its processes when the run must stop', async () => {
  const stop = new AbortController();
  const stopped = runLogged(run(stop.signal), shell(`${leaving()}; wait`));
  const watch = setInterval(() => existsSync(join(logs, 'pid')) && stop.abort(), 10);
  await expect(stopped).rejects.toThrow('interrupted');
  clearInterval(watch);
  await leftBehindEnds();
});

it('ends a command that takes too long', async () => {
  await expect(runLogged(run(), shell('echo begun; exec sleep 600', 60))).rejects.toThrow(/^a step: takes longer than/);
});
