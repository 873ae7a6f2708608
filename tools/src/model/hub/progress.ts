import { SingleBar } from 'cli-progress';

/** What is downloaded, and where its progress is shown. */
export interface ProgressOptions {
  stream: NodeJS.WritableStream & { isTTY?: boolean };
  totalBytes: number;
  /** For people, such as the file's path. */
  label: string;
}

/** A progress that is shown until it ends. */
export interface Progress {
  /** Takes how many bytes there are; fewer than before when the file was begun again. */
  update(bytes: number): void;
  /** Leaves the last state on the screen and the cursor on a line of its own. */
  end(): void;
}

const linePercent = 10;

/** On a terminal a bar, elsewhere one line for every 10 %. */
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
    // cut at the width of the terminal, whose settings stay as they are
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
