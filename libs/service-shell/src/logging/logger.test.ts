import type { LogLevel } from './logger';
import { createLogger, logOncePer } from './logger';
import { createSecret } from '../config/secret';

function capture(level: LogLevel = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ app: 'gateway', level, destination: { write: (line) => lines.push(line) } });
  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, lines, entries };
}

describe('createLogger', () => {
  test('writes one JSON object a line with level, ISO time, pid, app, fields and event', () => {
    const { logger, lines, entries } = capture();
    logger.warn('redis is away', { attempts: 3 });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    expect(entries()[0]).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      pid: process.pid,
      app: 'gateway',
      attempts: 3,
      msg: 'redis is away',
    });
  });

  test('leaves out what is below its level', () => {
    const { logger, entries } = capture('warn');
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(entries().map(({ msg }) => msg)).toEqual(['c', 'd']);
    const silent = capture('silent');
    silent.logger.error('e');
    expect(silent.lines).toEqual([]);
  });

  test('holds neither the text of a user nor a secret', () => {
    const { logger, lines } = capture();
    logger.info('ranked', {
      query: 'how to leave',
      key: createSecret('hunter2'),
      error: new Error('bad "how to leave"'),
    });
    expect(lines.join('')).not.toMatch(/leave|hunter2/);
  });

  test('takes as event only a constant', () => {
    const { logger, lines } = capture('silent');
    const text: string = 'a text';
    // @ts-expect-error a variable text could be a user's
    logger.info(text);
    // @ts-expect-error so could the hole of a template
    logger.info(`asked: ${text}`);
    logger.info(lines.length > 0 ? 'one' : 'other');
    expect(lines).toEqual([]);
  });
});

describe('logOncePer', () => {
  function limited(intervalMs: number) {
    const { logger, entries } = capture();
    const clock = { nowMs: 0 };
    const log = logOncePer(intervalMs, { write: logger.error, nowMs: () => clock.nowMs });
    return { log, clock, entries };
  }

  test('lets one line an interval pass and says how many it held back', () => {
    const { log, clock, entries } = limited(1000);
    for (let n = 0; n < 5; n += 1) log('redis is away', { n });
    clock.nowMs = 999;
    log('redis is away', { n: 5 });
    expect(entries()).toHaveLength(1);
    clock.nowMs = 1000;
    log('redis is away', { n: 6 });
    expect(entries()[1]).toMatchObject({ n: 6, suppressed: 5 });
    clock.nowMs = 2000;
    log('redis is away', { n: 7 });
    expect(entries()[2]).not.toHaveProperty('suppressed');
  });

  test('limits each event by itself', () => {
    const { log, entries } = limited(1000);
    log('redis is away');
    log('heartbeat failed');
    log('redis is away');
    expect(entries().map(({ msg }) => msg)).toEqual(['redis is away', 'heartbeat failed']);
  });
});
