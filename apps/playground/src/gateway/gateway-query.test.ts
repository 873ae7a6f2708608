import { QueryObserver, environmentManager, focusManager, onlineManager } from '@tanstack/react-query';
import type { CallOptions, CallResult } from '../ranking/call';
import type { CallFailure } from '../ranking/failure';
import { type GatewayQuestion, createQueryClient, gatewayQuery } from './gateway-query';

const failed = (kind: 'offline' | 'unauthorized' | 'not_found'): CallResult<string> => {
  const failure: CallFailure = { kind, message: null, requestId: null, status: null };
  return { ok: false, failure };
};
const answered = (value: string): CallResult<string> => ({ ok: true, value });

let close: () => void;
beforeEach(() => {
  jest.useFakeTimers();
  environmentManager.setIsServer(() => false);
  focusManager.setFocused(true);
});
afterEach(() => {
  close();
  onlineManager.setOnline(true);
  jest.useRealTimers();
});

/** Asks through what is given, one result a call; the last one stays. */
function watch(results: CallResult<string>[], given: Partial<GatewayQuestion<string>> = {}) {
  const client = createQueryClient();
  client.mount();
  const asked: CallOptions[] = [];
  const noted: CallFailure[] = [];
  const ask = async (options: CallOptions) => {
    asked.push(options);
    return results[Math.min(asked.length, results.length) - 1]!;
  };
  const optionsFor = (keysEntered: number, key = ['thing']) =>
    gatewayQuery(
      { key, ask, ...given },
      {
        keysEntered,
        callOptions: (signal) => ({ baseUrl: 'http://gateway.example/', apiKey: `key-${keysEntered}`, signal }),
        noteFailure: (failure) => noted.push(failure),
      },
    );
  const observer = new QueryObserver(client, client.defaultQueryOptions(optionsFor(0)));
  const unsubscribe = observer.subscribe(() => undefined);
  close = () => {
    unsubscribe();
    client.clear();
    client.unmount();
  };
  const change = (keysEntered: number, key?: string[]) =>
    observer.setOptions(client.defaultQueryOptions(optionsFor(keysEntered, key)));
  const seen = () => {
    const { data, failureReason } = observer.getCurrentResult();
    return { data, failure: failureReason?.kind };
  };
  return { asked, noted, change, seen };
}
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

test.each([
  ['offline', 5_000],
  ['unauthorized', 15_000],
  ['not_found', 15_000],
] as const)(
  'a call that is %s is made again every %d ms until it succeeds, and then no more',
  async (kind, delayMs) => {
    const { asked, noted, seen } = watch([failed(kind), failed(kind), answered('a')]);
    await pass(0);
    expect(seen()).toEqual({ data: undefined, failure: kind });
    await pass(delayMs - 1);
    expect(asked).toHaveLength(1);
    await pass(1);
    expect(asked).toHaveLength(2);
    expect(seen()).toEqual({ data: undefined, failure: kind });
    await pass(delayMs);
    expect(seen()).toEqual({ data: 'a', failure: undefined });
    expect(noted.map((failure) => failure.kind)).toEqual([kind, kind]);
    await pass(600_000);
    expect(asked).toHaveLength(3);
  },
);

test('a call that failed says why all the while until it succeeds, beside what was known before', async () => {
  const { asked, seen } = watch([answered('a'), failed('offline'), failed('offline'), answered('b')], {
    pollMs: 2_000,
  });
  await pass(0);
  expect(seen()).toEqual({ data: 'a', failure: undefined });
  await pass(2_000);
  for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 500) {
    expect(seen()).toEqual({ data: 'a', failure: 'offline' });
    await pass(500);
  }
  expect(asked).toHaveLength(4);
  expect(seen()).toEqual({ data: 'b', failure: undefined });
});

test('nothing is asked while the page is hidden, and at once when it is shown again', async () => {
  const { asked } = watch([answered('a')], { pollMs: 2_000 });
  await pass(6_000);
  expect(asked).toHaveLength(4);
  focusManager.setFocused(false);
  await pass(60_000);
  expect(asked).toHaveLength(4);
  focusManager.setFocused(true);
  await pass(0);
  expect(asked).toHaveLength(5);
});

test('a failed call is not made again while the page is hidden', async () => {
  const { asked, seen } = watch([failed('offline'), answered('a')]);
  await pass(0);
  focusManager.setFocused(false);
  await pass(60_000);
  expect(asked).toHaveLength(1);
  focusManager.setFocused(true);
  await pass(0);
  expect(seen()).toEqual({ data: 'a', failure: undefined });
});

test('a gateway is asked also where the browser has no network', async () => {
  onlineManager.setOnline(false);
  const { seen } = watch([failed('offline'), answered('a')]);
  await pass(0);
  expect(seen().failure).toBe('offline');
  await pass(5_000);
  expect(seen().data).toBe('a');
});

test('a key that is entered is used at once, and what was known stays until it is answered', async () => {
  const { asked, change, seen } = watch([answered('a'), failed('unauthorized'), answered('b')]);
  await pass(0);
  change(1);
  expect(seen().data).toBe('a');
  await pass(0);
  expect(seen()).toEqual({ data: 'a', failure: 'unauthorized' });
  // the same key once more
  change(2);
  await pass(0);
  expect(seen()).toEqual({ data: 'b', failure: undefined });
  expect(asked.map(({ apiKey }) => apiKey)).toEqual(['key-0', 'key-1', 'key-2']);
});

test('another question gives up the call under way, and has the answer to the one before until its own', async () => {
  const { asked, change, seen } = watch([answered('a'), failed('offline'), answered('b')]);
  await pass(0);
  change(0, ['other']);
  await pass(0);
  change(0, ['third']);
  await pass(0);
  expect(seen().data).toBe('b');
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
});

test('a question that comes up again is asked again', async () => {
  const { change, seen } = watch([answered('a'), answered('b'), answered('c')]);
  await pass(0);
  change(0, ['other']);
  await pass(0);
  expect(seen().data).toBe('b');
  change(0);
  await pass(0);
  expect(seen().data).toBe('c');
});
