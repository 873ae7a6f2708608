import { count, object, parseJson, type Reader, text } from '../ranking/read-json';
import { formJson, type FormState, readForm } from './form-state';

/** What is needed of `localStorage`. */
export interface StoragePort {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A ranking that was made. */
export interface Run {
  /** Milliseconds since 1970. */
  atMs: number;
  form: FormState;
  /** `name@version` of what scored; with a comparison, of its left side. */
  model: string;
}

/** How many runs are kept. */
export const historyLength = 20;

/** Room for all runs in the storage, in UTF-16 code units of two bytes each; browsers give a page some megabytes. */
export const historyMaxCharacters = 1_000_000;

const storageKey = 'rerank-fleet.history';
const offKey = 'rerank-fleet.history-off';

const readRun: Reader<Run> = object<Run>({ atMs: count, form: readForm, model: text });

/** The storage, or null where the browser forbids it: `openStorage(() => localStorage)`. */
export function openStorage(get: () => StoragePort): StoragePort | null {
  try {
    return get();
  } catch {
    return null;
  }
}

/** The kept runs, newest first; what does not look like one is passed over. */
export function readRuns(storage: StoragePort | null): Run[] {
  return storedRuns(storage) ?? [];
}

/** Runs are not to be remembered; false where the storage cannot be read. */
export function isHistoryOff(storage: StoragePort | null): boolean {
  try {
    return storage?.getItem(offKey) === 'true';
  } catch {
    return false;
  }
}

/** Switches remembering on or off; off forgets what was kept. Where nothing can be stored the choice is lost with the page. */
export function switchHistory(storage: StoragePort | null, isKept: boolean): void {
  if (!isKept) clearRuns(storage);
  try {
    if (isKept) storage?.removeItem(offKey);
    else storage?.setItem(offKey, 'true');
  } catch {
    // the page itself still knows
  }
}

/**
 * Puts a run first, takes out an older one with the same form, and stores as many of the newest as there is room for.
 *
 * @param known what the page shows: counts where the storage cannot be read
 * @returns what to show now, also where nothing could be stored; none once another tab has switched remembering off
 */
export function addRun(storage: StoragePort | null, known: readonly Run[], run: Run): Run[] {
  if (isHistoryOff(storage)) return [];
  const form = formKey(run);
  // another tab may have added some
  const older = (storedRuns(storage) ?? known).filter((each) => formKey(each) !== form);
  const runs = [run, ...older].slice(0, historyLength);
  if (storage) store(storage, runs);
  return runs;
}

/** Forgets all runs. */
export function clearRuns(storage: StoragePort | null): void {
  try {
    storage?.removeItem(storageKey);
  } catch {
    // a storage that cannot be written holds nothing of ours
  }
}

function storedRuns(storage: StoragePort | null): Run[] | undefined {
  if (storage === null) return undefined;
  try {
    const value = parseJson(storage.getItem(storageKey) ?? '[]');
    const runs: unknown[] = Array.isArray(value) ? value : [];
    return runs.flatMap((run) => readRun(run) ?? []).slice(0, historyLength);
  } catch {
    return undefined;
  }
}

function formKey({ form }: Run): string {
  return JSON.stringify(formJson(form));
}

/** A full storage is tried again without the oldest run. */
function store(storage: StoragePort, runs: readonly Run[]): void {
  const entries = fitting(
    runs.map(({ atMs, form, model }) => JSON.stringify({ at_ms: atMs, form: formJson(form), model })),
  );
  for (let kept = entries.length; kept > 0; kept -= 1) {
    try {
      storage.setItem(storageKey, `[${entries.slice(0, kept).join(',')}]`);
      return;
    } catch {
      continue;
    }
  }
}

/** The newest that have room together; one that is too large is passed over for older ones. */
function fitting(entries: readonly string[]): string[] {
  let usedCharacters = 1;
  return entries.filter(({ length }) => {
    if (usedCharacters + length + 1 > historyMaxCharacters) return false;
    usedCharacters += length + 1;
    return true;
  });
}
