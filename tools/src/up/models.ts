import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { findBundleFolder } from '@rerank-fleet/model-runtime/bundle-folder';
import { bundleName, parseWanted } from '../model/aliases';
import { bundleOfLine } from '../model/installed-line';
import { Interrupted } from './waiting';

export interface ModelsContext {
  root: string;
  modelsDir: string;
  say(line: string): void;
  signal: AbortSignal;
}

/**
 * The bundles of the models, as `<name>` or `<name>@<version>` for a worker's configuration. Pulls missing bundles, and adds folders.
 * Throws when a model is neither installed nor can be installed.
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
  if (existsSync(join(model, 'config.json'))) return addFolder(model, context);
  const parsed = parseWanted(model);
  if (!parsed.ok) throw new Error(`${found.message} It cannot be pulled either: ${parsed.message}`);
  const { name } = parsed.wanted;
  const pulledBefore = model.includes('@') ? undefined : await findBundleFolder(modelsDir, name);
  if (pulledBefore?.ok) return name;
  return install(['pull', model], context);
}

/** The bundle of a folder with a model, under the name of the folder. It is made once. */
async function addFolder(folder: string, context: ModelsContext): Promise<string> {
  const name = bundleName(resolve(folder));
  const addedBefore = await findBundleFolder(context.modelsDir, name);
  if (!addedBefore.ok) return install(['add', resolve(folder), '--name', name], context);
  context.say(`${name} is installed already; to read ${folder} again, first run npm run model -- remove ${name}`);
  return name;
}

/**
 * Installs a model and returns its bundle as `<name>@<version>`. The command runs as a child process, because it loads
 * the model to verify it, and the memory must be free afterwards.
 */
async function install(
  command: [verb: string, model: string, ...string[]],
  { root, modelsDir, say, signal }: ModelsContext,
): Promise<string> {
  if (signal.aborted) throw new Interrupted();
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, 'dist/tools/model.js'), ...command], {
    // the variant is that for the workers, which run on the CPU unless PROVIDER says otherwise
    env: { PROVIDER: 'cpu', ...process.env, MODELS_DIR: modelsDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  let bundle: string | undefined;
  for await (const line of createInterface(child.stdout)) {
    bundle ??= bundleOfLine(line);
    say(line);
  }
  const [code] = child.exitCode === null && child.signalCode === null ? await once(child, 'exit') : [child.exitCode];
  signal.removeEventListener('abort', stop);
  if (signal.aborted) throw new Interrupted();
  if (code !== 0 || bundle === undefined) throw new Error(`${command[1]} could not be installed`);
  return bundle;
}
