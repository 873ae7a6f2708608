import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerList, entryOf, jobList, readEntry } from './lists';
import { connectPlain } from './plain-redis';

/** A minimal gateway: it pushes each body unchanged to a list, and pops each answer from another list. */
async function main(): Promise<void> {
  const [pushing, popping] = await connectPlain(process.env['REDIS_URL'] ?? '', 2);
  if (!pushing || !popping) throw new Error('two connections are needed');
  const waiting = new Map<number, ServerResponse>();
  let nextId = 0;
  const server = createServer((request, response) => {
    void readText(request).then((text) => {
      const id = nextId++;
      waiting.set(id, response);
      return pushing.lpush(jobList, entryOf(id, text));
    });
  });
  server.keepAliveTimeout = 75_000;
  server.listen(0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    console.log(JSON.stringify({ msg: 'listening', url, opsUrl: url }));
  });
  for (;;) {
    const entry = await popping.brpop(answerList, 0);
    const { id, text } = readEntry(entry?.[1] ?? '');
    waiting.get(id)?.writeHead(200, { 'content-type': 'application/json' }).end(text);
    waiting.delete(id);
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

void main();
