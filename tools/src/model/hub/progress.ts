import { SingleBar } from 'cli-progress';

/** The amount, and the stream that shows its progress. */
export interface ProgressOptions {
  stream: NodeJS.WritableStream & { isTTY?: boolean };
  totalBytes: number;
  /** Shown beside the progress, such as the file's path. */
  label: string;
}

/** A progress display. */
export interface Progress {
  /** Shows the number of bytes so far. It may fall when the download starts over. */
  update(bytes: number): void;
  /** Ends the display. The last state stays, and the cursor moves to a new line. */
  end(): void;
}

const linePercent = 10;

/** Smaller amounts are done too fast for a display. */
const shownFromBytes = 2_000_000;

/** Shows the progress of an amount that takes a while; undefined for a small amount. */
export function progressOf(options: ProgressOptions): Progress | undefined {
  return options.totalBytes < shownFromBytes ? undefined : createProgress(options);
}

/** Shows a bar on a terminal, otherwise one line per 10 %. */
export function createProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY ? createBar(options) : createLines(options);
}

function createBar({ stream, totalBytes, label }: ProgressOptions): Progress {
  const total = `${(totalBytes / 1e6).toFixed(1)} MB`;
  const bar = new SingleBar({
    stream,
    format: `[{bar}] {percentage} % of ${total}, {eta_formatted} left: {label}`,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    barsize: 24,
    fps: 5,
    // The line is cut at the width of the terminal, and the terminal's own wrap setting is not changed.
    linewrap: true,
  });
  bar.start(totalBytes, 0, { label });
  return { update: (bytes) => bar.update(bytes), end: () => bar.stop() };
}

function createLines({ stream, totalBytes, label }: ProgressOptions): Progress {
  let shownPercent = 0;
  return {
    update(bytes) {
      const percent = Math.floor((100 * bytes) / totalBytes / linePercent) * linePercent;
      if (percent <= shownPercent) return;
      shownPercent = percent;
      stream.write(`${label}: ${percent} % of ${(totalBytes / 1e6).toFixed(1)} MB\n`);
    },
    end: () => undefined,
  };
}
