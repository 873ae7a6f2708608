import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ranking } from './client';

/** A received request. */
export interface SeenRequest {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The reply. A body that is not a string is sent as JSON. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** A server in the gateway's place. */
export interface StandIn {
  /** With a trailing slash. */
  url: string;
  requests: SeenRequest[];
  close(): Promise<void>;
}

/** Starts a server on a free port. A request for which `reply` returns undefined is never answered. */
export async function startStandIn(reply: (request: SeenRequest) => Reply | undefined): Promise<StandIn> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      const seen = { method, path, headers, body: Buffer.concat(parts).toString('utf8') };
      requests.push(seen);
      const answer = reply(seen);
      if (!answer) return;
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A ranking of documents with these scores, as the client returns it. */
export function rankingOf(scores: readonly number[], given: Partial<Ranking> = {}): Ranking {
  const results = scores
    .map((score, index) => ({ index, score, logit: null, tokens: null }))
    .sort((left, right) => right.score - left.score);
  return {
    requestId: 'r-1',
    model: 'e5@1',
    modelName: 'e5',
    results,
    order: results.map(({ index }) => index),
    truncated: [],
    queryTokens: null,
    totalTokens: 0,
    timings: null,
    roundTripMs: 1,
    answer: '{}',
    ...given,
  };
}
