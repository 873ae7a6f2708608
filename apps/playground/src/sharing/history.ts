import { count, object, parseJson, type Reader, text } from '../ranking/read-json';
import { formJson, type FormState, readForm } from './form-state';

/** The used members of `localStorage`. */
export interface StoragePort {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A past run. */
export interface Run {
  /** Milliseconds since 1970. */
  atMs: number;
  form: FormState;
  /** `name@version` of the model that scored; for a comparison, the model of the left side. */
  model: string;
}

/** Number of runs that are kept. */
export const historyLength = 20;

/** Storage limit for all runs, in UTF-16 code units (2 bytes each). Browsers allow a page some megabytes. */
export const historyMaxCharacters = 1_000_000;

const storageKey = 'rerank-fleet.history';
const offKey = 'rerank-fleet.history-off';

const readRun: Reader<Run> = object<Run>({ atMs: count, form: readForm, model: text });

/** The storage, or null if the browser forbids it: `openStorage(() => localStorage)`. */
export function openStorage(get: () => StoragePort): StoragePort | null {
  try {
    return get();
  } catch {
    return null;
  }
}

/** The kept runs, newest first. Invalid entries are skipped. */
export function readRuns(storage: StoragePort | null): Run[] {
  return storedRuns(storage) ?? [];
}

/** Whether the history is switched off; false if the storage cannot be read. */
export function isHistoryOff(storage: StoragePort | null): boolean {
  try {
    return storage?.getItem(offKey) === 'true';
  } catch {
    return false;
  }
}

/** Switches the history on or off. Off deletes all runs. Without storage, the choice is lost with the page. */
export function switchHistory(storage: StoragePort | null, isKept: boolean): void {
  if (!isKept) clearRuns(storage);
  try {
    if (isKept) storage?.removeItem(offKey);
    else storage?.setItem(offKey, 'true');
  } catch {
    // The page itself keeps the choice.
  }
}

/**
 * Adds a run as the first one, removes an older run with the same form, and stores as many of the newest as fit.
 *
 * @param known the runs that the page shows; used if the storage cannot be read
 * @returns the runs to show, also if they could not be stored; none if another tab has switched the history off
 */
export function addRun(storage: StoragePort | null, known: readonly Run[], run: Run): Run[] {
  if (isHistoryOff(storage)) return [];
  const form = formKey(run);
  // Another tab may have added runs.
  const older = (storedRuns(storage) ?? known).filter((each) => formKey(each) !== form);
  const runs = [run, ...older].slice(0, historyLength);
  if (storage) store(storage, runs);
  return runs;
}

/** Deletes all runs. */
export function clearRuns(storage: StoragePort | null): void {
  try {
    storage?.removeItem(storageKey);
  } catch {
    // A storage that cannot be written contains no runs.
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

/** Stores the runs. If the storage is full, it retries without the oldest run. */
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

/** The newest runs that fit together. A run that is too large is skipped in favour of older ones. */
function fitting(entries: readonly string[]): string[] {
  let usedCharacters = 1;
  return entries.filter(({ length }) => {
    if (usedCharacters + length + 1 > historyMaxCharacters) return false;
    usedCharacters += length + 1;
    return true;
  });
}
