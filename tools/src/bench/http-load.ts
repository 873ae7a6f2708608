import { Agent, request } from 'node:http';

export interface LoadOptions {
  /** URL to which the requests are posted. */
  url: string;
  bodies: readonly Buffer[];
  /** Number of concurrent requests. */
  inFlight: number;
}

export interface LoadResult {
  /** Time from sending a request to the last byte of its answer, in the order of the answers. */
  latenciesMs: number[];
  /** When each answer arrived, after the start of the run. */
  endsMs: number[];
}

/** Posts every body once, the next one when an answer arrives. Rejects at the first answer other than 200. */
export async function runLoad({ url, bodies, inFlight }: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const latenciesMs: number[] = [];
  const endsMs: number[] = [];
  const startedMs = performance.now();
  const waiting = bodies[Symbol.iterator]();
  const place = async () => {
    for (const body of waiting) {
      const beganMs = performance.now();
      await post(agent, url, body);
      endsMs.push(performance.now() - startedMs);
      latenciesMs.push(performance.now() - beganMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, place));
  } finally {
    agent.destroy();
  }
  return { latenciesMs, endsMs };
}

/**
 * Answers per second, without the start and the end of a run, where fewer than `inFlight` requests are in progress. It
 * leaves out the first `inFlight` answers, and the answers after the last request was sent.
 */
export function steadyRate(endsMs: readonly number[], inFlight: number): number {
  const counted = endsMs.length - 2 * inFlight;
  const first = endsMs[inFlight - 1];
  const last = endsMs[inFlight - 1 + counted];
  if (counted < 1 || first === undefined || last === undefined) {
    throw new RangeError(`${endsMs.length} answers are too few for ${inFlight} requests in flight`);
  }
  return (counted * 1000) / (last - first);
}

/** Reads and discards the body. Checking it is left to the tests, because it would take CPU time from the fleet. */
function post(agent: Agent, url: string, body: Buffer): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST', headers }, (response) => {
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
      response.resume();
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
