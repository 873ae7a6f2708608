import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runLoad, steadyRate } from './http-load';

describe('steadyRate', () => {
  it('counts only while all requests are in flight', () => {
    // two in flight: slow at the start and at the end, 10 ms apart in between
    expect(steadyRate([500, 1_000, 1_010, 1_020, 1_030, 5_000], 2)).toBe(100);
  });

  it('refuses a run that was not saturated for long enough', () => {
    expect(() => steadyRate([1, 2, 3, 4], 2)).toThrow(RangeError);
  });
});

describe('runLoad', () => {
  let server: Server;
  let url: string;
  const seen: string[] = [];
  let underWay = 0;
  let mostUnderWay = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString()));
      request.on('end', () => {
        seen.push(text);
        underWay--;
        response.writeHead(text === 'bad' ? 503 : 200).end('answer');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('posts every body once, never more at a time than `inFlight`', async () => {
    const bodies = Array.from({ length: 20 }, (_, index) => String(index));
    const result = await runLoad({ url, bodies: bodies.map((text) => Buffer.from(text)), inFlight: 3 });
    expect([...seen].sort()).toEqual([...bodies].sort());
    expect(mostUnderWay).toBeLessThanOrEqual(3);
    expect(result.latenciesMs).toHaveLength(20);
    expect(result.endsMs).toEqual([...result.endsMs].sort((a, b) => a - b));
    expect(result.endsMs).toHaveLength(20);
  });

  it('rejects when a request is refused', async () => {
    const bodies = [Buffer.from('bad')];
    await expect(runLoad({ url, bodies, inFlight: 1 })).rejects.toThrow('answered 503');
  });
});
