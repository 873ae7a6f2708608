/** Where and how progress is shown. */
export interface ProgressOptions {
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;
  /** A clock in milliseconds. */
  now: () => number;
  totalBytes: number;
  /** What is downloaded, for people. */
  label: string;
}

/** A progress that is shown. */
export interface Progress {
  /** Tells how many bytes there are; the first call's do not count for the speed, they may be of an earlier run. */
  update(bytes: number): void;
  /** Leaves the last state on the screen and the cursor on a line of its own. */
  end(): void;
}

interface State {
  bytes: number;
  bytesPerSecond: number;
}

const redrawMs = 200;
const linePercent = 10;
const defaultColumns = 80;
const clearToEnd = '\u001b[K';

/** On a terminal a bar that is redrawn at most 5 times a second; elsewhere one line for every 10 %. */
export function createProgress(options: ProgressOptions): Progress {
  const { stream, now } = options;
  const show = stream.isTTY ? createBar(options) : createLines(options);
  let first: { bytes: number; atMs: number } | undefined;
  let state: State = { bytes: 0, bytesPerSecond: 0 };
  return {
    update(bytes) {
      const atMs = now();
      // fewer than before: the file was begun again
      if (!first || bytes < state.bytes) first = { bytes, atMs };
      const elapsedMs = atMs - first.atMs;
      const bytesPerSecond = elapsedMs > 0 ? ((bytes - first.bytes) * 1_000) / elapsedMs : 0;
      state = { bytes, bytesPerSecond };
      show.update(state, atMs);
    },
    end: () => show.end(state),
  };
}

interface Show {
  update(state: State, atMs: number): void;
  end(state: State): void;
}

function createBar(options: ProgressOptions): Show {
  const { stream } = options;
  const draw = (state: State) => stream.write(`\r${barLine(state, options)}${clearToEnd}`);
  let drawnAtMs = -Infinity;
  return {
    update(state, atMs) {
      if (atMs - drawnAtMs < redrawMs) return;
      drawnAtMs = atMs;
      draw(state);
    },
    end(state) {
      draw(state);
      stream.write('\n');
    },
  };
}

function createLines({ stream, totalBytes, label }: ProgressOptions): Show {
  let shownSteps = 0;
  return {
    update(state) {
      const steps = Math.floor(percentOf(state.bytes, totalBytes) / linePercent);
      if (steps <= shownSteps) return;
      shownSteps = steps;
      stream.write(`${label}: ${figures(state, totalBytes)}\n`);
    },
    end: () => undefined,
  };
}

function barLine(state: State, { stream, totalBytes, label }: ProgressOptions): string {
  // a line of the full width would wrap, and the next one would not cover it
  const room = (stream.columns || defaultColumns) - 1;
  const text = figures(state, totalBytes);
  const name = shorten(label, Math.floor(room / 3));
  const barWidth = room - name.length - text.length - 4;
  if (barWidth < 4) return shorten(`${name} ${text}`, room);
  const filled = Math.floor((barWidth * percentOf(state.bytes, totalBytes)) / 100);
  return `${name} [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${text}`;
}

function figures({ bytes, bytesPerSecond }: State, totalBytes: number): string {
  const percent = `${Math.floor(percentOf(bytes, totalBytes))} %`.padStart(5);
  return `${percent} ${megabytes(bytes)}/${megabytes(totalBytes)} MB ${megabytes(bytesPerSecond)} MB/s`;
}

function percentOf(bytes: number, totalBytes: number): number {
  return totalBytes === 0 ? 100 : Math.min(100, (100 * bytes) / totalBytes);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** Keeps the end: of a path that is the file's name. */
function shorten(text: string, room: number): string {
  return text.length <= room ? text : `…${text.slice(text.length - Math.max(room - 1, 0))}`;
}
