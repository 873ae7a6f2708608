import { cpuMsOf } from './cpu-time';

describe('cpuMsOf', () => {
  it('adds user and system time, whatever the name of the program', () => {
    const rest = 'S 1 2 3 0 -1 4194560 100 0 0 0 250 75 9 9 20 0 11 0';
    expect(cpuMsOf(`4242 (node) ${rest}`)).toBe(3_250);
    expect(cpuMsOf(`4242 (a b) R (c) ${rest}`)).toBe(3_250);
  });
});
