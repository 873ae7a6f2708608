import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findBundleFolder } from '@rerank-fleet/model-runtime/bundle-folder';
import { parseWanted } from '../model/aliases';
import { Interrupted } from './waiting';

export interface ModelsContext {
  root: string;
  modelsDir: string;
  say(line: string): void;
  signal: AbortSignal;
}

/**
 * The bundles of the models, as `<name>` or `<name>@<version>` for a worker's configuration. Pulls missing bundles.
 * Throws when a model is neither installed nor can be pulled.
 */
export async function provideModels(models: readonly string[], context: ModelsContext): Promise<string[]> {
  const bundles: string[] = [];
  for (const model of models) bundles.push(await provideModel(model, context));
  return bundles;
}

async function provideModel(model: string, context: ModelsContext): Promise<string> {
  const { modelsDir } = context;
  const found = await findBundleFolder(modelsDir, model);
  if (found.ok) return model;
  const parsed = parseWanted(model);
  if (!parsed.ok) throw new Error(`${found.message} It cannot be pulled either: ${parsed.message}`);
  const { name } = parsed.wanted;
  const pulledBefore = model.includes('@') ? undefined : await findBundleFolder(modelsDir, name);
  if (pulledBefore?.ok) return name;
  return pull(model, context);
}

/** The line in which `model pull` reports the bundle that it installed or found. */
const pulledLine = /^(?:installed|already there:) (\S+@\S+) in /;

/**
 * Pulls a model and returns its bundle as `<name>@<version>`. The pull runs as a child process, because it loads the
 * model to verify it, and the memory must be free afterwards.
 */
async function pull(model: string, { root, modelsDir, say, signal }: ModelsContext): Promise<string> {
  if (signal.aborted) throw new Interrupted();
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist/tools/model.js'), 'pull', model], {
    env: { ...process.env, MODELS_DIR: modelsDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  let bundle: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    bundle ??= pulledLine.exec(line)?.[1];
    say(line);
  }
  const [code] = child.exitCode === null && child.signalCode === null ? await once(child, 'exit') : [child.exitCode];
  signal.removeEventListener('abort', stop);
  if (signal.aborted) throw new Interrupted();
  if (code !== 0 || bundle === undefined) throw new Error(`${model} could not be pulled`);
  return bundle;
}
