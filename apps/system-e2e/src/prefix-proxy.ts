import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PrefixProxy {
  /** URL of the page, with a trailing slash. */
  url: string;
  /** Status and path of every answer so far. */
  answers: { status: number; path: string }[];
  close(): void;
}

/** A proxy that forwards requests below a prefix, such as `/ops`, and strips the prefix. */
export async function startPrefixProxy(prefix: string, server: string): Promise<PrefixProxy> {
  const answers: PrefixProxy['answers'] = [];
  const proxy = createServer((incoming, answer) => {
    const path = incoming.url ?? '';
    if (!path.startsWith(`${prefix}/`)) {
      answers.push({ status: 404, path });
      return void answer.writeHead(404).end();
    }
    const { method, headers } = incoming;
    const outgoing = httpRequest(new URL(path.slice(prefix.length), server), { method, headers }, (response) => {
      const { statusCode: status = 502 } = response;
      answers.push({ status, path });
      answer.writeHead(status, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}/`,
    answers,
    close() {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
