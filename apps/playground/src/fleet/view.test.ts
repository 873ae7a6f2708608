import type { CallFailure } from '../ranking/failure';
import type { FleetModel, FleetState } from '../ranking/fleet';
import { type FleetView, drainSeconds, healthOf, lastKnown, liveModels, viewOf } from './view';

const model = (given: Partial<FleetModel> = {}): FleetModel => ({
  name: 'e5',
  version: '1',
  queue: 'e5@1',
  isDefault: true,
  head: 'late-interaction',
  dtype: 'int8',
  provider: 'cpu',
  takesInstruction: false,
  maxLengthTokens: 512,
  workers: 1,
  sessions: 2,
  queuedTokens: 0,
  tokensPerSecond: 1_000,
  drainSeconds: 0,
  limitTokens: 1_000,
  ...given,
});
const fleet = (given: Partial<FleetState> = {}): FleetState => ({
  redis: 'up',
  gateways: 1,
  workers: 1,
  queuedTokens: 0,
  queuedBytes: 0,
  tokensPerSecond: 1_000,
  models: [model()],
  links: { grafana: null, queueBoard: null },
  ...given,
});
const failure = (kind: 'unauthorized' | 'not_found' | 'offline' | 'server'): CallFailure => ({
  kind,
  message: null,
  requestId: null,
  status: null,
});

describe('what the page knows of the fleet', () => {
  test('stays the last known when the gateway cannot be reached', () => {
    expect(viewOf(undefined, null)).toEqual({ kind: 'waiting' });
    expect(viewOf(fleet(), null)).toEqual({ kind: 'known', fleet: fleet() });
    for (const kind of ['offline', 'server'] as const) {
      expect(viewOf(fleet(), failure(kind))).toEqual({ kind: 'unreachable', fleet: fleet() });
      expect(viewOf(undefined, failure(kind))).toEqual({ kind: 'unreachable' });
    }
  });

  test('is nothing where a key is wanted or the gateway is older', () => {
    for (const [reason, kind] of [
      ['unauthorized', 'locked'],
      ['not_found', 'absent'],
    ] as const) {
      const view = viewOf(fleet(), failure(reason));
      expect(view).toEqual({ kind });
      expect(lastKnown(view)).toBeUndefined();
    }
  });
});

describe('the health of the fleet', () => {
  test('is busy from the point on where refusals are near', () => {
    expect(healthOf(fleet())).toBe('ready');
    expect(healthOf(fleet({ models: [model({ queuedTokens: 799 })] }))).toBe('ready');
    expect(healthOf(fleet({ models: [model(), model({ queuedTokens: 800 })] }))).toBe('busy');
  });

  test('names what keeps the fleet from ranking, Redis first', () => {
    expect(healthOf(fleet({ workers: 0, models: [model({ workers: 0 })] }))).toBe('noWorker');
    expect(healthOf(fleet({ workers: 0, models: [] }))).toBe('noModels');
    expect(healthOf(fleet({ redis: 'away', workers: 0, models: [] }))).toBe('redisAway');
  });
});

test('a fleet whose default model has no worker is not ready, even if another model has workers', () => {
  const other = model({ queue: 'b@1', isDefault: false });
  const away = model({ workers: 0 });
  expect(healthOf(fleet({ models: [away, other] }))).toBe('noWorker');
  expect(healthOf(fleet({ models: [away, model({ version: '2' }), other] }))).toBe('ready');
  expect(healthOf(fleet({ models: [other] }))).toBe('ready');
  expect(healthOf(fleet({ workers: 0, models: [model({ isDefault: false, workers: 0 })] }))).toBe('noWorker');
});

test('the live models change only with who is served, not with the load', () => {
  const both = [model(), model({ queue: 'b@1' })];
  const view = (models: FleetModel[]): FleetView => ({ kind: 'known', fleet: fleet({ models }) });
  expect(liveModels(view(both))).toBe(liveModels(view(both.map((each) => ({ ...each, queuedTokens: 5 })).reverse())));
  expect(liveModels(view(both))).not.toBe(liveModels(view([model(), model({ queue: 'b@1', workers: 0 })])));
  expect(liveModels({ kind: 'waiting' })).toBe('');
});

test('the backlog lasts as long as that of the slowest model, and is not known where one does not say', () => {
  const waiting = (seconds: number | null) => model({ queuedTokens: 10, drainSeconds: seconds });
  expect(drainSeconds(fleet())).toBe(0);
  expect(drainSeconds(fleet({ models: [waiting(2), waiting(5), model()] }))).toBe(5);
  expect(drainSeconds(fleet({ models: [waiting(2), waiting(null)] }))).toBeNull();
  expect(drainSeconds(fleet({ models: [waiting(2), model({ drainSeconds: null })] }))).toBe(2);
});
