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
 * The bundles that the wanted models are, pulled where they are missing: each a `<name>` or `<name>@<version>` that a
 * worker can be told. Throws, with what the pull has said, when one is neither there nor to be had.
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

/** How the tool says which bundle a pull has made, or found. */
const pulledLine = /^(?:installed|already there:) (\S+@\S+) in /;

/**
 * The bundle that came, as `<name>@<version>`. As a process of its own: it loads the model to try it, and that memory is
 * free again afterwards.
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
