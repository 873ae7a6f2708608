import { createProgress } from './progress';

/** A stream that keeps what is written, and a clock that stands until it is moved. */
function setUp({
  isTTY,
  columns = 80,
  totalBytes = 100_000_000,
  label = 'model.onnx',
}: Partial<Setup> & { isTTY: boolean }) {
  const written: string[] = [];
  const clock = { nowMs: 0 };
  const write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  const progress = createProgress({ stream: { write, isTTY, columns }, now: () => clock.nowMs, totalBytes, label });
  return { written, clock, progress };
}

/** What a terminal clears the rest of a line by. */
const clearToEnd = '\u001b[K';

interface Setup {
  columns: number;
  totalBytes: number;
  label: string;
}

describe('on a terminal', () => {
  it('shows a bar with percent, megabytes and megabytes a second', () => {
    const { written, clock, progress } = setUp({ isTTY: true });
    progress.update(0);
    clock.nowMs = 2_000;
    progress.update(50_000_000);
    expect(written.at(-1)).toMatch(/^\rmodel\.onnx \[#+\.+\] {2}50 % 50\.0\/100\.0 MB 25\.0 MB\/s/);
    expect(written.at(-1)?.endsWith(clearToEnd)).toBe(true);
    const [, filled = ''] = /\[(#+)/.exec(written.at(-1) ?? '') ?? [];
    const [, empty = ''] = /(\.+)\]/.exec(written.at(-1) ?? '') ?? [];
    expect(Math.abs(filled.length - empty.length)).toBeLessThanOrEqual(1);
  });

  it('redraws at most 5 times a second', () => {
    const { written, clock, progress } = setUp({ isTTY: true });
    for (; clock.nowMs < 1_000; clock.nowMs++) progress.update(clock.nowMs * 1_000);
    expect(written).toHaveLength(5);
  });

  it('leaves the last state and a line of its own for what follows', () => {
    const { written, progress } = setUp({ isTTY: true });
    progress.update(0);
    progress.update(100_000_000);
    progress.end();
    expect(written.at(-2)).toContain('100 % 100.0/100.0 MB');
    expect(written.at(-1)).toBe('\n');
  });

  it.each([20, 40, 60, 80, 200])('stays below the width of %d columns', (columns) => {
    const { written, progress } = setUp({ isTTY: true, columns, label: 'a/very/long/path/of/a/file/model.onnx' });
    progress.update(1_000);
    expect(written[0]?.replace('\r', '').replace(clearToEnd, '').length).toBeLessThan(columns);
  });

  it('keeps the end of a long name', () => {
    const { written, progress } = setUp({ isTTY: true, label: 'a/very/long/path/of/a/file/model.onnx' });
    progress.update(0);
    expect(written[0]).toMatch(/^\r…\S*model\.onnx \[/);
  });
});

describe('elsewhere', () => {
  it('writes one line for every 10 %', () => {
    const { written, clock, progress } = setUp({ isTTY: false });
    for (let bytes = 0; bytes <= 100_000_000; bytes += 500_000) {
      clock.nowMs += 100;
      progress.update(bytes);
    }
    progress.end();
    expect(written).toHaveLength(10);
    expect(written[0]).toBe('model.onnx:  10 % 10.0/100.0 MB 5.0 MB/s\n');
    expect(written[9]).toBe('model.onnx: 100 % 100.0/100.0 MB 5.0 MB/s\n');
  });

  it('writes one line for a jump', () => {
    const { written, progress } = setUp({ isTTY: false });
    progress.update(5_000_000);
    progress.update(47_000_000);
    expect(written).toEqual(['model.onnx:  47 % 47.0/100.0 MB 0.0 MB/s\n']);
  });

  it('does not repeat lines when the file is begun again', () => {
    const { written, progress } = setUp({ isTTY: false });
    for (const bytes of [30_000_000, 0, 20_000_000, 40_000_000]) progress.update(bytes);
    expect(written.map((line) => /\d+ %/.exec(line)?.[0])).toEqual(['30 %', '40 %']);
  });
});

it('does not count bytes of an earlier run for the speed', () => {
  const { written, clock, progress } = setUp({ isTTY: true });
  progress.update(80_000_000);
  clock.nowMs = 1_000;
  progress.update(81_000_000);
  expect(written.at(-1)).toContain(' 1.0 MB/s');
});

it('has an empty file complete', () => {
  const { written, progress } = setUp({ isTTY: false, totalBytes: 0 });
  progress.update(0);
  expect(written).toEqual(['model.onnx: 100 % 0.0/0.0 MB 0.0 MB/s\n']);
});
