import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { closeServer, listen } from './listen';

const open: Server[] = [];
const server = () => {
  const created = createServer((_request, response) => response.end('ok'));
  open.push(created);
  return created;
};
const loopback = { host: '127.0.0.1', port: 0, fallback: false };

afterEach(() => Promise.all(open.splice(0).map((created) => closeServer(created, 0))));

describe('listen', () => {
  test('takes a free port for 0 and gives a URL that answers', async () => {
    const { url, port, fellBack } = await listen(server(), loopback);
    expect({ url, fellBack }).toEqual({ url: `http://127.0.0.1:${port}`, fellBack: false });
    expect(await (await fetch(url)).text()).toBe('ok');
  });

  test('fails when the port is in use', async () => {
    const { port } = await listen(server(), loopback);
    const second = server();
    const listeners = () => ['listening', 'error'].map((event) => second.listenerCount(event));
    const before = listeners();
    await expect(listen(second, { ...loopback, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(listeners()).toEqual(before);
  });

  test('takes another port and says so when it may', async () => {
    const { port } = await listen(server(), loopback);
    const second = server();
    const moved = await listen(second, { ...loopback, port, fallback: true });
    expect(moved.fellBack).toBe(true);
    expect(moved.port).not.toBe(port);
    expect(second.listenerCount('error')).toBe(0);
  });

  test('does not hide another fault behind the fallback', async () => {
    const impossible = { ...loopback, port: 70_000, fallback: true };
    await expect(listen(server(), impossible)).rejects.toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' });
  });

  test('gives a URL that can be called for a wildcard address', async () => {
    const { url, port } = await listen(server(), { ...loopback, host: '0.0.0.0' });
    expect(url).toBe(`http://127.0.0.1:${port}`);
  });
});

describe('closeServer', () => {
  test('lets the answer in progress end', async () => {
    let answer = () => {};
    const slow = createServer((_request, response) => (answer = () => response.end('late')));
    open.push(slow);
    const { url } = await listen(slow, loopback);
    const arrived = new Promise((resolve) => slow.once('request', resolve));
    const asked = fetch(url);
    await arrived;
    const closed = closeServer(slow, 20_000);
    answer();
    expect(await (await asked).text()).toBe('late');
    await closed;
  });

  test('cuts an answer that takes longer than the grace', async () => {
    const hung = createServer(() => undefined);
    const { url } = await listen(hung, loopback);
    const arrived = new Promise((resolve) => hung.once('request', resolve));
    const asked = fetch(url).then(
      () => 'answered',
      () => 'cut',
    );
    await arrived;
    await closeServer(hung, 1);
    expect(await asked).toBe('cut');
  });

  test('is done at once for a server that never listened', async () => {
    await expect(closeServer(createServer(), 20_000)).resolves.toBeUndefined();
  });
});
