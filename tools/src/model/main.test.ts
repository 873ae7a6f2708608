import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fixtureModels } from '@rerank-fleet/scoring/testing';
import { usage } from './command-line';

const root = join(__dirname, '../../..');

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `npm run model` with these arguments, without npm. */
function model(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const all = ['--conditions=@rerank-fleet/source', '--import', 'tsx', join(__dirname, 'main.ts'), ...args];
  const { HF_TOKEN: _token, ...inherited } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, all, { cwd: root, env: { ...inherited, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

it('prints its usage and ends with 2 for wrong arguments', async () => {
  expect(await model(['push'])).toEqual({ code: 2, stdout: '', stderr: `${usage}\n` });
});

it('lists the bundles of MODELS_DIR', async () => {
  const { code, stdout, stderr } = await model(['list'], { MODELS_DIR: fixtureModels });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
    ...['name', 'tiny-bert', ...Array<string>(5).fill('tiny-qwen3'), 'tiny-xlmr', ''],
  ]);
});

it('ends with 1 and one line when a command fails', async () => {
  const stderr = expect.stringMatching(/^model: no bundle "absent" in .*\n$/);
  expect(await model(['verify', 'absent'], { MODELS_DIR: fixtureModels })).toEqual({ code: 1, stdout: '', stderr });
});
