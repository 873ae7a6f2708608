import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { readContainerUsage, usableCores } from '@rerank-fleet/service-shell';
import { abortOnSignals, printError, runCommand } from '../command/command';
import { type UpConfig, parseUpConfig } from './config';
import { claimDataDir } from './data-dir';
import { askExample, examples } from './examples';
import { type Fleet, type Member, startFleet, stopFleet, unstartedFleet } from './fleet';
import { readyLine, tableLines } from './lines';
import { provideModels } from './models';
import { type Monitor, startMonitors } from './monitors';
import { modelsFolder } from './services';
import { Interrupted } from './waiting';

/** The table of addresses that is printed when everything runs. */
function addressTable(fleet: Fleet, members: Member[], monitors: Monitor[]): string[] {
  const gatewayUrl = members.find(({ app }) => app === 'gateway')?.url;
  const ops = members.map(({ name, opsUrl }): [string, string] => [`${name} metrics`, `${opsUrl}/metrics`]);
  const rows: [string, string][] = [
    ['playground', `${gatewayUrl}/`],
    ['rerank', `POST ${gatewayUrl}/v1/rerank`],
    ['API reference', `${gatewayUrl}/docs`],
    ['models', `${gatewayUrl}/v1/models`],
    ...boardRows(fleet, members),
    ...ops,
    ...monitors.map(({ app, url }): [string, string] => [app, url]),
    ['logs', fleet.dataDir],
  ];
  return ['', ...tableLines(rows), ''];
}

function boardRows({ config }: Fleet, members: Member[]): [string, string][] {
  const url = members.find(({ app }) => app === 'queue-board')?.url;
  return url === undefined ? [] : [['queue board', `${url} (password: ${config.board?.password})`]];
}

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolveStop) => signal.addEventListener('abort', () => resolveStop(), { once: true }));
}

/** Starts the fleet, ranks the examples and, without `--once`, waits until the launcher must stop. */
async function run(fleet: Fleet): Promise<void> {
  const modelsDir = modelsFolder(fleet.config, fleet.root);
  fleet.config.models = await provideModels(fleet.config.models, { ...fleet, modelsDir });
  const { members, redisUrl } = await startFleet(fleet);
  const gatewayUrl = members.find(({ app }) => app === 'gateway')?.url;
  if (gatewayUrl === undefined) throw new Error('the gateway did not report its address');
  const { observe } = fleet.config;
  const monitors = observe ? await startMonitors(fleet, { ...observe, members, redisUrl }) : [];
  fleet.say(readyLine(gatewayUrl));
  const gateway = { url: gatewayUrl, apiKey: fleet.config.apiKey };
  for (const example of examples) {
    for (const line of await askExample(gateway, example, fleet.signal)) fleet.say(line);
  }
  if (fleet.config.once) return;
  for (const line of addressTable(fleet, members, monitors)) fleet.say(line);
  fleet.say('Ctrl-C stops the fleet');
  await aborted(fleet.signal);
}

/** Runs the fleet and stops it in every case. Returns the exit code. */
async function launch(config: UpConfig, signal: AbortSignal): Promise<number> {
  const say = (line: string) => console.log(line);
  const dataDir = claimDataDir(config.dataDir);
  const fleet = unstartedFleet({ root: resolve(__dirname, '../..'), config, dataDir: dataDir.path, say }, signal);
  let end: 'done' | 'interrupted' | 'failed' = 'done';
  try {
    await run(fleet);
  } catch (error) {
    end = signal.aborted || error instanceof Interrupted ? 'interrupted' : 'failed';
    if (end === 'failed') printError(error);
  }
  say('stopping');
  const killed = await stopFleet(fleet);
  if (killed.length > 0) say(`killed, because they did not end in time: ${killed.join(', ')}`);
  const keepLogs = end === 'failed';
  dataDir.release({ keepLogs });
  say(keepLogs ? `stopped; the logs are in ${dataDir.path}` : 'stopped');
  // an interrupted --once has not ranked all examples
  const isFailure = end === 'failed' || (end === 'interrupted' && config.once);
  return isFailure || killed.length > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const cores = usableCores(availableParallelism(), readContainerUsage());
  const parsed = parseUpConfig(process.argv.slice(2), process.env, cores);
  if (!parsed.ok) {
    console.error(parsed.message);
    return 2;
  }
  const signal = abortOnSignals();
  // the fleet keeps running when the reader of its output ends (`up.sh | head`)
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  return launch(parsed.config, signal);
}

runCommand(main);
