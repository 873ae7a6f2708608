import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { createProgress } from './progress';

/** Begins what saves and restores the cursor. */
const escape = '\u001b';

/** A stream that keeps what is written, and a progress of 100 MB on it. */
function setUp({ isTTY, label = 'model.onnx' }: { isTTY: boolean; label?: string }) {
  const written: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString());
      done();
    },
  });
  const progress = createProgress({
    stream: Object.assign(stream, { isTTY, columns: 80 }),
    totalBytes: 100_000_000,
    label,
  });
  /** What a person reads, without what steers the terminal. */
  const shown = () => written.map(stripVTControlCharacters).filter((text) => text !== '' && !text.startsWith(escape));
  return { shown, progress };
}

describe('on a terminal', () => {
  it('shows a bar with percent, megabytes and the name, and leaves a line of its own for what follows', () => {
    const { shown, progress } = setUp({ isTTY: true });
    progress.update(50_000_000);
    progress.end();
    expect(shown().at(-2)).toMatch(/^\[#{12}\.{12}\] 50 % of 100\.0 MB, \S+ left: model\.onnx$/);
    expect(shown().at(-1)).toBe('\n');
  });

  it('falls back when the file is begun again', () => {
    const { shown, progress } = setUp({ isTTY: true });
    progress.update(50_000_000);
    progress.update(0);
    progress.end();
    expect(shown().at(-2)).toMatch(/^\[\.{24}\] 0 % of /);
  });

  it('stays within the width, whatever the name', () => {
    const { shown, progress } = setUp({ isTTY: true, label: 'a/long/folder/'.repeat(20) });
    progress.end();
    expect(Math.max(...shown().map((text) => text.length))).toBe(80);
  });
});

describe('elsewhere', () => {
  it('writes one line for every 10 %', () => {
    const { shown, progress } = setUp({ isTTY: false });
    for (let bytes = 0; bytes <= 100_000_000; bytes += 500_000) progress.update(bytes);
    progress.end();
    expect(shown()).toHaveLength(10);
    expect([shown()[0], shown()[9]]).toEqual(['model.onnx: 10 % of 100.0 MB\n', 'model.onnx: 100 % of 100.0 MB\n']);
  });

  it('writes one line for a jump', () => {
    const { shown, progress } = setUp({ isTTY: false });
    progress.update(5_000_000);
    progress.update(47_000_000);
    expect(shown()).toEqual(['model.onnx: 40 % of 100.0 MB\n']);
  });

  it('does not repeat lines when the file is begun again', () => {
    const { shown, progress } = setUp({ isTTY: false });
    for (const bytes of [30_000_000, 0, 20_000_000, 40_000_000]) progress.update(bytes);
    expect(shown().map((line) => /\d+ %/.exec(line)?.[0])).toEqual(['30 %', '40 %']);
  });
});
