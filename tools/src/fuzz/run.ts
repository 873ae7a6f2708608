import { readFileSync } from 'node:fs';
import type { CommandContext } from '../command/command';
import { type App, readMetrics } from '../processes/apps';
import { type BuiltFleet, startBuiltFleet, tinyWorker } from '../processes/built-fleet';
import { type Cases, makeCases } from './cases';
import { type Operation, readDescription } from './description';
import { type Rules, faultOf, readErrorCodes } from './judge';
import { rightKey } from './key-cases';
import { faultOfMemory, faultOfPeak, megabytes, peakBytes } from './memory';
import type { FuzzOptions } from './options';
import { type Sender, createSender } from './sender';
import { judgeSeries } from './series';

/** Result of a run. */
export interface FuzzResult {
  sent: number;
  /** Number of answers per status. */
  statuses: ReadonlyMap<number, number>;
  /** Descriptions. Faults of a case include the options that repeat it. */
  faults: string[];
}

const model = 'tiny-bert';
const senderCount = 12;
/** Requests between two readings of the gateways' memory. */
const requestsPerSample = 500;
/** Most faults that are printed. */
const faultLimit = 50;

/** Starts a fleet, sends every case, and checks the fleet's memory, metrics and logs. */
export async function runFuzz(options: FuzzOptions, { root, say }: CommandContext): Promise<FuzzResult> {
  say('starting the fleet');
  // short, so that incomplete requests end soon
  const limits = { HEADERS_TIMEOUT_MS: '1500', BODY_TIMEOUT_MS: '3000' };
  const fleet = await startBuiltFleet({
    root,
    redis: 'single',
    gateways: [limits, { ...limits, API_KEYS: rightKey }],
    workers: [tinyWorker(root, model)],
    board: false,
  });
  const { children } = fleet;
  let faults: string[] | undefined;
  try {
    const result = await fuzzFleet(options, { root, say, fleet });
    ({ faults } = result);
    faults.push(...children.unexpectedEnds(), ...quotesInLogs(fleet));
    return result;
  } finally {
    await children.stop();
    if (faults?.length === 0) children.removeFiles();
    else say(`the logs are in ${children.folder}`);
  }
}

interface FleetContext extends CommandContext {
  fleet: BuiltFleet;
}

async function fuzzFleet(
  { requests, seed, only }: FuzzOptions,
  { root, say, fleet }: FleetContext,
): Promise<FuzzResult> {
  const [open, keyed] = fleet.gateways as [App, App];
  const fresh = await Promise.all(fleet.gateways.map(readSeries));
  const description = readDescription(await fetchJson(`${open.url}/openapi.json`));
  const keyedDescription = readDescription(await fetchJson(`${keyed.url}/openapi.json`));
  const hosts = { open: new URL(open.url).host, keyed: new URL(keyed.url).host };
  const cases = makeCases({ description, keyedDescription, hosts, model }, seed);
  const rules = { description, codes: readErrorCodes(root) };
  const show = only === undefined ? () => undefined : say;
  const run: Run = { cases, rules, seed, say, show, statuses: new Map(), accepted: new Set(), faults: [], sent: 0 };
  const urls = { open: open.url, keyed: keyed.url };
  if (only !== undefined) {
    await sendAll(run, urls, { from: only, to: only + 1, senders: 1 });
    return run;
  }
  const total = Math.max(requests, cases.tableSize);
  say(`${cases.tableSize} cases from tables, ${total - cases.tableSize} random cases with seed ${seed}`);
  const samples: number[][] = [];
  for (const stretch of stretches(cases, total)) {
    await sendAll(run, urls, stretch);
    samples.push(await Promise.all(fleet.gateways.map(readMemory)));
  }
  run.faults.push(...unacceptedExamples(run), ...faultsOfMemory(fleet.gateways, samples, say));
  run.faults.push(...(await faultsOfSeries(run, fleet.gateways, fresh)));
  return run;
}

interface Run {
  cases: Cases;
  rules: Rules;
  seed: number;
  statuses: Map<number, number>;
  /** Operations that answered a valid example with 200. */
  accepted: Set<Operation>;
  faults: string[];
  sent: number;
  say(line: string): void;
  /** Called with the sent and received bytes when a single case is repeated. */
  show(line: string): void;
}

/** Cases that are sent between two readings of the gateways' memory. */
interface Stretch {
  from: number;
  to: number;
  senders: number;
}

/**
 * Costly cases are sent one after the other: creating one blocks this process, and other requests in progress would be
 * closed as too slow.
 */
function stretches({ costlyFrom, tableSize }: Cases, total: number): Stretch[] {
  const spans = [
    { begin: 0, end: costlyFrom, senders: senderCount },
    { begin: costlyFrom, end: tableSize, senders: 1 },
    { begin: tableSize, end: total, senders: senderCount },
  ];
  return spans.flatMap(({ begin, end, senders }) =>
    Array.from({ length: Math.ceil((end - begin) / requestsPerSample) }, (_, at) => {
      const from = begin + at * requestsPerSample;
      return { from, to: Math.min(end, from + requestsPerSample), senders };
    }),
  );
}

async function sendAll(
  run: Run,
  urls: { open: string; keyed: string },
  { from, to, senders: count }: Stretch,
): Promise<void> {
  const senders = Array.from({ length: count }, () => createSender(urls));
  let next = from;
  const work = async (sender: Sender) => {
    while (next < to) await sendOne(run, sender, next++);
    sender.close();
  };
  await Promise.all(senders.map(work));
}

async function sendOne(run: Run, sender: Sender, index: number): Promise<void> {
  const fuzzCase = run.cases.at(index);
  const name = 'name' in fuzzCase ? ` ${JSON.stringify(fuzzCase.name)}` : '';
  let fault: string | undefined;
  run.show(readableBytes(fuzzCase.bytes));
  try {
    const { reception, fault: after } = await sender.send(fuzzCase);
    const response = reception.kind === 'answer' ? reception.response : undefined;
    const status = response?.status ?? 0;
    run.show(response ? `${JSON.stringify(response.head)} ${readableBytes(response.body)}` : reception.kind);
    run.statuses.set(status, (run.statuses.get(status) ?? 0) + 1);
    if (fuzzCase.kind === 'example' && fuzzCase.operation && status === 200) run.accepted.add(fuzzCase.operation);
    fault = faultOf(run.rules, fuzzCase, reception) ?? after;
  } catch (error) {
    fault = `no connection: ${String(error)}`;
  }
  run.sent++;
  if (fault === undefined) return;
  run.faults.push(`${fuzzCase.kind}${name}: ${fault}; again with --seed ${run.seed} --only ${index}`);
  if (run.faults.length <= faultLimit) run.say(run.faults.at(-1) as string);
}

/** The first bytes as one printable line. */
function readableBytes(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 2_000));
}

async function fetchJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

/** Operations that accepted no example: random cases from their schemas would not pass the first check. */
function unacceptedExamples({ rules, accepted }: Run): string[] {
  const unaccepted = rules.description.operations.filter((operation) => !accepted.has(operation));
  return unaccepted.map(({ method, path }) => `no valid request was answered with 200 at ${method} ${path}`);
}

async function readMemory({ opsUrl }: App): Promise<number> {
  return (await readMetrics(opsUrl)).get('process_resident_memory_bytes') ?? NaN;
}

async function readSeries({ opsUrl }: App): Promise<string[]> {
  return [...(await readMetrics(opsUrl)).keys()];
}

function faultsOfMemory(gateways: readonly App[], samples: readonly number[][], say: CommandContext['say']): string[] {
  return gateways.flatMap(({ name, child }, at) => {
    const own = samples.map((sample) => sample[at] ?? NaN);
    const peak = peakBytes(child().pid);
    const range = `${megabytes(Math.min(...own))} to ${megabytes(Math.max(...own))} MB`;
    say(`${name} used ${range} of memory, ${megabytes(peak)} MB at its peak`);
    return [faultOfMemory(name, own), faultOfPeak(name, peak)].flatMap((fault) => fault ?? []);
  });
}

/** Statuses other than errors: an answer, a preflight, an unchanged page, a redirect. */
const otherStatuses = [200, 204, 304, 308];

async function faultsOfSeries({ rules, say }: Run, gateways: readonly App[], fresh: string[][]): Promise<string[]> {
  const statuses = [...new Set([...otherStatuses, ...rules.codes.values()])];
  const all = await Promise.all(
    gateways.map(async (gateway, at) => {
      const series = await readSeries(gateway);
      const { limit, faults } = judgeSeries(series, { fresh: fresh[at] ?? [], statuses, models: [model] });
      say(
        `${gateway.name} had ${fresh[at]?.length} metric series at the start and ${series.length} at the end; the limit is ${limit}`,
      );
      return faults.map((fault) => `${gateway.name}: ${fault}`);
    }),
  );
  return all.flat();
}

/** Reports processes that logged texts of requests. */
function quotesInLogs({ children }: BuiltFleet): string[] {
  return [...children.logs()].flatMap(([name, path]) => {
    const quoted = /zq[0-9a-z]{5,6}zq/.exec(readFileSync(path, 'utf8'))?.[0];
    return quoted === undefined ? [] : [`the log of ${name} quotes a request: ${quoted}`];
  });
}
