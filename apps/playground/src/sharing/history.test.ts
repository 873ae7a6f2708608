import {
  addRun,
  clearRuns,
  historyLength,
  historyMaxCharacters,
  isHistoryOff,
  openStorage,
  readRuns,
  switchHistory,
  type Run,
  type StoragePort,
} from './history';
import { formOf } from './testing';

/** Storage in memory with room for so many characters. */
function createStorage(room = Infinity): StoragePort & { values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    getItem: (key) => values.get(key) ?? null,
    setItem(key, value) {
      if (value.length > room) throw new Error('QuotaExceededError');
      values.set(key, value);
    },
    removeItem: (key) => void values.delete(key),
  };
}

const forbidden = (): never => {
  throw new Error('SecurityError');
};
const run = (query: string, atMs = 1, given = {}): Run => ({ atMs, form: formOf(query, given), model: 'e5@1' });
const queries = (runs: readonly Run[]) => runs.map(({ form }) => form.query);

/** Adds runs one after the other. */
function addAll(storage: StoragePort | null, runs: readonly Run[]): Run[] {
  return runs.reduce<Run[]>((known, each) => addRun(storage, known, each), []);
}

test('runs are read as they were added, newest first', () => {
  const storage = createStorage();
  const shown = addAll(storage, [run('a', 1), run('b', 2, { secondModel: 'm', threshold: 0.5, mode: 'compare' })]);
  expect(queries(shown)).toEqual(['b', 'a']);
  expect(readRuns(storage)).toEqual(shown);
});

test('only the last ones are kept', () => {
  const storage = createStorage();
  const shown = addAll(
    storage,
    Array.from({ length: historyLength + 5 }, (_, position) => run(`q${position}`)),
  );
  expect(shown).toHaveLength(historyLength);
  expect(shown[0]?.form.query).toBe('q24');
  expect(readRuns(storage)).toEqual(shown);
});

test('an equal run moves up with its new time', () => {
  const storage = createStorage();
  addAll(storage, [run('a', 1), run('b', 2), run('a', 3)]);
  expect(readRuns(storage).map(({ atMs, form }) => [form.query, atMs])).toEqual([
    ['a', 3],
    ['b', 2],
  ]);
});

test('a run that differs in anything of its form is another', () => {
  const storage = createStorage();
  addAll(storage, [
    run('a'),
    run('a', 1, { instruction: 'x' }),
    run('a', 1, { threshold: 0.5 }),
    run('a', 1, { documents: ['one'] }),
  ]);
  expect(readRuns(storage)).toHaveLength(4);
});

test('what another tab added stays', () => {
  const storage = createStorage();
  addRun(storage, [], run('elsewhere'));
  expect(queries(addRun(storage, [], run('here')))).toEqual(['here', 'elsewhere']);
});

test('all can be forgotten, and nothing else is', () => {
  const storage = createStorage();
  storage.setItem('other', 'x');
  addRun(storage, [], run('a'));
  clearRuns(storage);
  expect(readRuns(storage)).toEqual([]);
  expect([...storage.values]).toEqual([['other', 'x']]);
});

describe('switched off', () => {
  test('forgets what was kept and keeps nothing more, also of a page that does not know yet', () => {
    const storage = createStorage();
    const known = addRun(storage, [], run('a'));
    switchHistory(storage, false);
    expect(isHistoryOff(storage)).toBe(true);
    expect(readRuns(storage)).toEqual([]);
    expect(addRun(storage, known, run('b'))).toEqual([]);
    expect(readRuns(storage)).toEqual([]);
  });

  test('and on again keeps runs', () => {
    const storage = createStorage();
    switchHistory(storage, false);
    switchHistory(storage, true);
    expect(isHistoryOff(storage)).toBe(false);
    addRun(storage, [], run('a'));
    expect(queries(readRuns(storage))).toEqual(['a']);
  });

  test('leaves the page going where nothing can be stored', () => {
    for (const storage of [null, { getItem: forbidden, setItem: forbidden, removeItem: forbidden }]) {
      expect(isHistoryOff(storage)).toBe(false);
      expect(() => [true, false].forEach((isKept) => switchHistory(storage, isKept))).not.toThrow();
    }
  });

  test('forgets the runs even where the storage is too full for the choice', () => {
    const storage = createStorage();
    addRun(storage, [], run('a'));
    switchHistory({ ...storage, setItem: forbidden }, false);
    expect(readRuns(storage)).toEqual([]);
  });
});

test('everything in the storage is named after the project', () => {
  const storage = createStorage();
  addRun(storage, [], run('a'));
  const [history = ''] = [...storage.values.keys()];
  switchHistory(storage, false);
  expect([history, ...storage.values.keys()]).toEqual(['rerank-fleet.history', 'rerank-fleet.history-off']);
});

describe('room', () => {
  const half = 'x'.repeat(historyMaxCharacters * 0.4);

  test('is kept for the newest', () => {
    const storage = createStorage();
    const shown = addAll(storage, [
      run('a', 1, { documents: [half] }),
      run('b', 1, { documents: [half] }),
      run('c', 1, { documents: [half] }),
    ]);
    expect(queries(shown)).toEqual(['c', 'b', 'a']);
    expect(queries(readRuns(storage))).toEqual(['c', 'b']);
  });

  test('is never more than its bound, to the character', () => {
    const storage = createStorage();
    addRun(storage, [], run('a'));
    const [key = '', stored = ''] = [...storage.values][0] ?? [];
    const padding = historyMaxCharacters - stored.length;
    addRun(storage, [], run('a', 1, { instruction: 'x'.repeat(padding) }));
    clearRuns(storage);
    addRun(storage, [], run('a', 1, { instruction: 'x'.repeat(padding) }));
    expect(storage.values.get(key)).toHaveLength(historyMaxCharacters);
    clearRuns(storage);
    addRun(storage, [], run('a', 1, { instruction: 'x'.repeat(padding + 1) }));
    expect(readRuns(storage)).toEqual([]);
  });

  test('that one run would take alone goes to the others', () => {
    const storage = createStorage();
    const shown = addAll(storage, [run('a'), run('huge', 1, { documents: [half, half, half] })]);
    expect(queries(shown)).toEqual(['huge', 'a']);
    expect(queries(readRuns(storage))).toEqual(['a']);
  });

  test('that the browser does not give costs the oldest', () => {
    const storage = createStorage(1_000);
    const shown = addAll(
      storage,
      Array.from({ length: 10 }, (_, position) => run(`q${position}`)),
    );
    expect(shown.length).toBeGreaterThan(readRuns(storage).length);
    expect(queries(readRuns(storage)).slice(0, 2)).toEqual(['q9', 'q8']);
  });
});

describe('a storage', () => {
  test('that is full keeps the page going', () => {
    const shown = addAll(createStorage(0), [run('a')]);
    expect(queries(shown)).toEqual(['a']);
  });

  test('that is forbidden keeps the page going with what it shows', () => {
    const storage = { getItem: forbidden, setItem: forbidden, removeItem: forbidden };
    expect(readRuns(storage)).toEqual([]);
    expect(queries(addAll(storage, [run('a'), run('b')]))).toEqual(['b', 'a']);
    expect(() => clearRuns(storage)).not.toThrow();
  });

  test('that cannot even be had is none', () => {
    expect(openStorage(forbidden)).toBeNull();
    const storage = createStorage();
    expect(openStorage(() => storage)).toBe(storage);
    expect(readRuns(null)).toEqual([]);
    expect(queries(addAll(null, [run('a'), run('b')]))).toEqual(['b', 'a']);
    expect(() => clearRuns(null)).not.toThrow();
  });

  test('with foreign content gives what is ours', () => {
    const storage = createStorage();
    addRun(storage, [], run('a'));
    const [key = '', ours = ''] = [...storage.values][0] ?? [];
    storage.values.set(key, `[1,null,{"at_ms":1},${ours.slice(1, -1)},{"at_ms":-1,"form":{},"model":""}]`);
    expect(readRuns(storage)).toEqual([run('a')]);
    for (const foreign of ['', '{', '{}', '"text"', 'null']) {
      storage.values.set(key, foreign);
      expect(readRuns(storage)).toEqual([]);
      expect(queries(addRun(storage, [run('known')], run('b')))).toEqual(['b']);
    }
  });
});
