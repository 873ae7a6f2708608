import { Agent, request } from 'node:http';

export interface LoadOptions {
  /** Where the requests are posted. */
  url: string;
  bodies: readonly Buffer[];
  /** Requests under way at once. */
  inFlight: number;
}

export interface LoadResult {
  /** Of each request, from its sending to the last byte of its answer, in the order of their ends. */
  latenciesMs: number[];
  /** Answers a second while all places were taken. */
  answersPerSecond: number;
}

/** Posts every body once, a new one as soon as an answer is there. Rejects at the first answer that is not 200. */
export async function runLoad({ url, bodies, inFlight }: LoadOptions): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
  const latenciesMs: number[] = [];
  const endsMs: number[] = [];
  const waiting = bodies[Symbol.iterator]();
  const place = async () => {
    for (const body of waiting) {
      const beganMs = performance.now();
      await post(agent, url, body);
      endsMs.push(performance.now());
      latenciesMs.push(performance.now() - beganMs);
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, place));
  } finally {
    agent.destroy();
  }
  return { latenciesMs, answersPerSecond: steadyRate(endsMs, inFlight) };
}

/**
 * Ends a second, leaving out the beginning and the end of a run, when not all places are taken: what comes before the
 * first `inFlight` ends, and after the end with which the last request was sent.
 */
export function steadyRate(endsMs: readonly number[], inFlight: number): number {
  const counted = endsMs.length - 2 * inFlight;
  const first = endsMs[inFlight - 1];
  const last = endsMs[inFlight - 1 + counted];
  if (counted < 1 || first === undefined || last === undefined) {
    throw new RangeError(`${endsMs.length} answers are too few to judge ${inFlight} at once`);
  }
  return (counted * 1000) / (last - first);
}

/** The answer's body is read and thrown away: to judge it is the tests' work, and its cost would count as the fleet's. */
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
