import type { CommandContext } from '../../command/command';
import { makeRequests } from '../documents';
import { processCpuMs } from '../cpu-time';
import { fakeModel, layOutFakeModel } from '../fake-model-root';
import { runLoad, steadyRate } from '../http-load';
import { startListPeers } from '../list-peers';
import { buildPrograms, makeBuildFolder } from '../programs';
import { type Result, higherIsBetter, lowerIsBetter } from '../result';
import { type RunningFleet, runFleet } from '../running-fleet';
import { median, percentile } from '../statistics';

const rounds = 5;
const documentsPerRequest = 50;
const documentCharacters = 200;
const idleRequests = 300;
const busyRequests = 3_000;
const busyInFlight = 64;
/** A request is one call of the session: the limits allow all its rows and words. */
const limits = { maxRows: documentsPerRequest, tokenBudget: 3_000 };

interface Side {
  url: string;
  gatewayPid: number;
}

interface Round {
  idleMs: number[];
  jobsPerS: number;
  cpuUsPerRequest: number;
}

/**
 * Measures the overhead of the fleet: HTTP, admission, BullMQ, worker threads, batching, and the stream of answers. The
 * session takes no time, so the whole measured time is overhead. The baseline is a minimal system of the same parts: an
 * HTTP process and a worker process with two plain Redis lists between them (LPUSH and BRPOP in both directions, bodies
 * unchanged, nothing parsed, jobs lost if a process dies). Both sides use the same Redis library, HTTP client and 10 KB
 * bodies, in turns. CPU time is that of the whole gateway process with 64 requests in flight.
 */
export async function run({ root, say }: CommandContext): Promise<Result[]> {
  const buildFolder = await makeBuildFolder(root);
  try {
    await layOutFakeModel(root, buildFolder.path, limits);
    await buildPrograms(['list-gateway', 'list-worker'], buildFolder.path);
    const { tokenBudget } = limits;
    const running = await runFleet({ root: buildFolder.path, sessions: 1, model: fakeModel, tokenBudget, say });
    try {
      return await compare(running, { folder: buildFolder.path, say });
    } finally {
      await running.stop();
    }
  } finally {
    buildFolder.remove();
  }
}

async function compare(
  running: RunningFleet,
  { folder, say }: { folder: string; say: CommandContext['say'] },
): Promise<Result[]> {
  const lists = await startListPeers(running.fleet, folder, running.redisUrl);
  const ours: Side = { url: running.rankUrl, gatewayPid: running.pidOf('gateway') };
  const measured: Record<'ours' | 'lists', Round[]> = { ours: [], lists: [] };
  // the first round warms up both sides and is not measured
  for (let round = 0; round <= rounds; round++) {
    const bare = await measureRound(lists, round);
    const fleet = await measureRound(ours, round);
    say(`  round ${round} of ${rounds}: fleet ${roundText(fleet)}; bare lists ${roundText(bare)}`);
    if (round === 0) continue;
    measured.ours.push(fleet);
    measured.lists.push(bare);
  }
  return results(measured.ours, measured.lists);
}

function roundText({ idleMs, jobsPerS, cpuUsPerRequest }: Round): string {
  return `${percentile(idleMs, 0.5).toFixed(2)} ms, ${jobsPerS.toFixed(0)} jobs/s, ${cpuUsPerRequest.toFixed(0)} us`;
}

async function measureRound({ url, gatewayPid }: Side, round: number): Promise<Round> {
  const idle = await runLoad({ url, bodies: makeBodies(round, idleRequests), inFlight: 1 });
  const bodies = makeBodies(rounds + 1 + round, busyRequests);
  const cpuBeforeMs = processCpuMs(gatewayPid);
  const busy = await runLoad({ url, bodies, inFlight: busyInFlight });
  const cpuMs = processCpuMs(gatewayPid) - cpuBeforeMs;
  return {
    idleMs: idle.latenciesMs,
    jobsPerS: steadyRate(busy.endsMs, busyInFlight),
    cpuUsPerRequest: (cpuMs * 1_000) / busyRequests,
  };
}

/** Bodies of about 10 KB with different queries. All bodies share one set of documents in different combinations. */
function makeBodies(seed: number, count: number): Buffer[] {
  const made = makeRequests({ seed, requests: 20, documents: documentsPerRequest, words: 30 });
  return Array.from({ length: count }, (_, index) => {
    const documents = made[index % made.length]?.documents.map((text) => text.slice(0, documentCharacters)) ?? [];
    return Buffer.from(JSON.stringify({ query: `question ${index} of ${seed}`, documents }));
  });
}

function results(ours: readonly Round[], lists: readonly Round[]): Result[] {
  const idle = (side: readonly Round[], share: number) =>
    percentile(
      side.flatMap(({ idleMs }) => idleMs),
      share,
    );
  const middle = (side: readonly Round[], figure: (round: Round) => number) => median(side.map(figure));
  const latency = (name: string, share: number) =>
    lowerIsBetter(name, { value: idle(ours, share), baseline: idle(lists, share), unit: 'ms' });
  const jobs = ({ jobsPerS }: Round) => jobsPerS;
  const cpu = ({ cpuUsPerRequest }: Round) => cpuUsPerRequest;
  return [
    latency('queue added latency idle p50', 0.5),
    latency('queue added latency idle p99', 0.99),
    higherIsBetter(`queue jobs/s at ${busyInFlight} in flight`, {
      value: middle(ours, jobs),
      baseline: middle(lists, jobs),
      unit: 'jobs/s',
    }),
    lowerIsBetter('queue gateway CPU a request at 10 KB', {
      value: middle(ours, cpu),
      baseline: middle(lists, cpu),
      unit: 'us',
    }),
  ];
}
