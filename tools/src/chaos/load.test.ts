import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Task, Target } from './client';
import { clientDialects, cohere } from './dialects';
import { createLoad } from './load';
import { countsText, createTally, isClean } from './tally';

/** How a stub gateway answers a request, given the right answer. */
type Behaviour = (right: Answer, response: ServerResponse, request: IncomingMessage) => void;

interface Answer {
  results: { index: number; relevance_score: number; document?: { text: string } }[];
}

const query = 'what waits?';
const documents = ['a job', 'a query', 'a gateway', 'a worker'];
const logits = new Map(documents.map((text, index) => [text, [0.5, 2, -1, 0.1][index] ?? NaN]));

interface Head {
  status?: number;
  headers?: Record<string, string>;
}

const send = (response: ServerResponse, body: object, { status = 200, headers = {} }: Head = {}) =>
  response
    .writeHead(status, { 'x-request-id': crypto.randomUUID(), 'content-type': 'application/json', ...headers })
    .end(JSON.stringify(body));

const right: Behaviour = (answer, response) => send(response, answer);
const wrong =
  (change: (answer: Answer) => void): Behaviour =>
  (answer, response) => {
    change(answer);
    send(response, answer);
  };
const status =
  (code: number, headers: Record<string, string> = {}): Behaviour =>
  (_answer, response) =>
    send(response, { message: 'no' }, { status: code, headers });

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function gateway(behave: Behaviour): Promise<Target> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { top_n: topN } = JSON.parse(text) as { top_n?: number };
      const results = documents
        .map((document, index) => ({
          index,
          relevance_score: logits.get(document) ?? NaN,
          document: { text: document },
        }))
        .sort((a, b) => b.relevance_score - a.relevance_score)
        .slice(0, topN);
      behave({ results }, response, request);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, connections: new Set(), wasBroken: () => false };
}

interface Asked {
  count?: number;
  request?: Partial<Task['request']>;
  topN?: number;
}

/** Sends requests to stubs and returns the last line that a run would print. */
async function lineAfter(targets: readonly Target[], { count = 1, request = {}, topN }: Asked = {}) {
  const tally = createTally();
  const question = { model: undefined, query, documents, topN, returnTexts: true, priority: undefined };
  const task = { question, dialect: cohere, timeoutMs: 100, leavesAfterMs: undefined, ...request };
  const makeTask = (number: number) => ({
    number,
    request: task,
    logit: (_: string, d: string) => logits.get(d) ?? NaN,
  });
  const load = createLoad({ targets, callerCount: 1, seed: 1, graceMs: 200, tally, makeTask });
  await load.run({ label: 'none', first: 0, count, durationMs: 0 });
  load.close();
  const total = tally.total();
  expect(total.right + total.refused + total.wrong + total.lost + total.twice).toBe(total.asked);
  return { line: `chaos: ${countsText(total)}`, clean: isClean(total), tally };
}

it('counts right answers as right', async () => {
  const { line, clean } = await lineAfter([await gateway(right)], { count: 20 });
  expect(line).toBe('chaos: asked 20, right 20, refused 0, wrong 0, lost 0, twice 0');
  expect(clean).toBe(true);
});

it('accepts a score within the tolerance', async () => {
  const nearby = wrong(({ results }) => results.forEach((result) => (result.relevance_score += 9e-5)));
  expect((await lineAfter([await gateway(nearby)])).clean).toBe(true);
});

it.each<[string, (answer: Answer) => void]>([
  [
    'one score is off by two ten-thousandths',
    ({ results }) => ((results[3] as { relevance_score: number }).relevance_score -= 2e-4),
  ],
  ['a score is not a number', ({ results }) => ((results[0] as { relevance_score: unknown }).relevance_score = null)],
  [
    'two documents are swapped',
    ({ results }) => ([results[0]!.index, results[1]!.index] = [results[1]!.index, results[0]!.index]),
  ],
  ['a document comes twice', ({ results }) => (results[3] = { ...results[2]! })],
  ['a document was not sent', ({ results }) => (results[3]!.index = 4)],
  ['a document is missing', ({ results }) => results.pop()],
  ['the best is not first', ({ results }) => results.reverse()],
  ['a text differs', ({ results }) => (results[2]!.document = { text: 'another text' })],
  ['a text is missing', ({ results }) => delete results[2]!.document],
  ['it has another shape', (answer) => Object.assign(answer, { results: 'none' })],
])('counts an answer as wrong when %s', async (_what, change) => {
  const { line, clean } = await lineAfter([await gateway(wrong(change))]);
  expect([line, clean]).toEqual(['chaos: asked 1, right 0, refused 0, wrong 1, lost 0, twice 0', false]);
});

it('counts an answer as wrong when it leaves out a better document', async () => {
  const second = wrong((answer) => {
    answer.results = [{ index: 0, relevance_score: 0.5, document: { text: 'a job' } }];
  });
  expect((await lineAfter([await gateway(second)], { topN: 1 })).line).toContain('wrong 1');
});

it('counts a request as answered twice when more bytes follow the answer', async () => {
  const twice: Behaviour = ({ results }, response) => {
    const body = JSON.stringify({ results });
    const head = `HTTP/1.1 200 OK\r\nx-request-id: ${crypto.randomUUID()}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
    response.socket?.write(`${head}${body}${head}${body}`);
  };
  const { line, clean } = await lineAfter([await gateway(twice)], { count: 3 });
  expect([line, clean]).toEqual(['chaos: asked 3, right 0, refused 0, wrong 0, lost 0, twice 3', false]);
});

it('counts a request as answered twice when its answer has the id of an earlier one', async () => {
  const same: Behaviour = (answer, response) => send(response, answer, { headers: { 'x-request-id': 'always' } });
  expect((await lineAfter([await gateway(same)], { count: 2 })).line).toContain(
    'right 1, refused 0, wrong 0, lost 0, twice 1',
  );
});

it.each<[string, Behaviour]>([
  ['500', status(500)],
  ['404', status(404)],
  ['503 without Retry-After', status(503)],
  ['503 with a fractional Retry-After', status(503, { 'retry-after': '1.5' })],
  ['503 with a Retry-After of 0', status(503, { 'retry-after': '0' })],
  ['504 before the wait is over', status(504)],
  ['an end of the connection', (_answer, response) => response.destroy()],
  ['half an answer', (_answer, response) => response.socket?.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{')],
  ['bytes that are not HTTP', (_answer, response) => response.socket?.write('ERROR\r\n')],
  ['nothing', () => undefined],
  ['an answer without an id', (answer, response) => response.end(JSON.stringify(answer))],
])('counts a request as lost when it gets %s', async (_what, behave) => {
  const { line, clean } = await lineAfter([await gateway(behave)]);
  expect([line, clean]).toEqual(['chaos: asked 1, right 0, refused 0, wrong 0, lost 1, twice 0', false]);
});

it('counts a 504 after the whole wait as refused', async () => {
  const late: Behaviour = (_answer, response) => setTimeout(() => send(response, {}, { status: 504 }), 120);
  const { tally } = await lineAfter([await gateway(late)]);
  expect(tally.rows()[0]).toMatchObject({ refused: 1, late: 1 });
});

it('retries a refused request after Retry-After, and records whether it was accepted', async () => {
  let asked = 0;
  const twiceFull: Behaviour = (answer, response, request) =>
    ++asked <= 2 ? status(429, { 'retry-after': '1' })(answer, response, request) : right(answer, response, request);
  const { line, tally } = await lineAfter([await gateway(twiceFull)], { count: 3 });
  expect(line).toBe('chaos: asked 3, right 1, refused 2, wrong 0, lost 0, twice 0');
  expect(tally.rows()[0]).toMatchObject({ triedAgain: 2, held: 1 });
});

it('tries another gateway when a fault explains a broken connection', async () => {
  const dead = { ...(await gateway((_answer, response) => response.destroy())), wasBroken: () => true };
  const closed = { url: 'http://127.0.0.1:1', connections: new Set<never>(), wasBroken: () => true };
  expect((await lineAfter([dead, closed, await gateway(right)])).clean).toBe(true);
});

it('sends the request of a caller that left again, and does not count half an answer as an answer', async () => {
  let asked = 0;
  const slowAtFirst: Behaviour = (answer, response, request) => {
    if (++asked === 1) response.socket?.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{');
    else right(answer, response, request);
  };
  const request = { leavesAfterMs: 30 };
  expect((await lineAfter([await gateway(slowAtFirst)], { request })).line).toContain('right 1');
});

it('every dialect has a unique name', () => {
  expect(new Set(clientDialects.map(({ name }) => name)).size).toBe(clientDialects.length);
});
