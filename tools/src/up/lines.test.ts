import { deathLines, exitText, lastLines, processLine, rankingLines, readyLine, tableLines } from './lines';

it('prints a process as app, pid and addresses, separated by one space', () => {
  expect(processLine('gateway', 12, ['http://127.0.0.1:8080', 'http://127.0.0.1:9'])).toBe(
    'process gateway 12 http://127.0.0.1:8080 http://127.0.0.1:9',
  );
  expect(processLine('redis', 13, ['redis://127.0.0.1:6379'])).toBe('process redis 13 redis://127.0.0.1:6379');
});

it('prints the gateway address after ready', () => {
  expect(readyLine('http://127.0.0.1:8080')).toBe('ready http://127.0.0.1:8080');
});

it('prints ranked documents below their query, numbered from 1, scores with four decimals', () => {
  const ranked = [
    { score: 0.98765, text: '除垢' },
    { score: 1e-9, text: 'no' },
  ];
  expect(rankingLines('q?', ranked)).toEqual(['', 'query: q?', '1. 0.9877 除垢', '2. 0.0000 no']);
});

it('aligns the second column of a table', () => {
  expect(
    tableLines([
      ['a', '1'],
      ['long', '2'],
    ]),
  ).toEqual(['  a     1', '  long  2']);
});

it('reports name, exit, log path and last log lines of a child that ended', () => {
  const child = { name: 'worker-2', pid: 7, logPath: '/d/worker-2.log' };
  const log = 'one\ntwo\n\nthree\nfour\nfive\nsix\n';
  expect(deathLines(child, { code: null, signal: 'SIGKILL' }, log)).toEqual([
    'died: worker-2 (pid 7) ended by SIGKILL; log: /d/worker-2.log',
    ...['two', 'three', 'four', 'five', 'six'].map((line) => `  | ${line}`),
  ]);
});

it('names an exit by its code or its signal', () => {
  expect(exitText({ code: 3, signal: null })).toBe('exit code 3');
  expect(exitText({ code: null, signal: 'SIGTERM' })).toBe('SIGTERM');
});

it('takes the last lines that are not blank', () => {
  expect(lastLines('a\n\nb\n \nc', 2)).toEqual(['b', 'c']);
  expect(lastLines('', 2)).toEqual([]);
});
