import { parseReading } from '../gpu/nvidia-smi';
import { spareMemory, spareOfDevice, spareOfProcess } from './spare-memory';

const mib = 2 ** 20;
const gib = 2 ** 30;
const machine = { freeBytes: 6 * gib, totalBytes: 10 * gib };

describe('the spare memory of a process', () => {
  it.each([
    ['what the machine has free, less a tenth', undefined, 5],
    ['the same in a container without a limit', { memoryBytes: gib, memoryLimitBytes: undefined }, 5],
    ['what a container leaves, less a tenth of its limit', { memoryBytes: gib, memoryLimitBytes: 2 * gib }, 0.8],
    [
      'what the machine has free, in a container with a higher limit',
      { memoryBytes: 0, memoryLimitBytes: 99 * gib },
      5,
    ],
    ['less than nothing in the reserve', { memoryBytes: 2 * gib, memoryLimitBytes: 2 * gib }, -0.2],
  ])('is %s', (_what, container, spareGib) => {
    expect(spareOfProcess(container, machine) / gib).toBeCloseTo(spareGib);
  });

  it('is known on this machine', async () => {
    await expect(spareMemory('cpu', {})()).resolves.toEqual(expect.any(Number));
  });
});

describe('the spare memory of a device', () => {
  const device = (index: number, usedMib: number | string) => {
    const reading = parseReading(`${index}, GPU-${index}abc, 00000000:0${index}:00.0, ${usedMib}, 1000, 0, 30`);
    if (!reading) throw new Error('not a reading');
    return reading;
  };
  const two = [device(0, 100), device(1, 700)];

  it.each([
    ['that of the only one', { readings: [device(0, 100)], visible: undefined }, 800],
    ['that of the one that is named', { readings: two, visible: 'GPU-0abc' }, 800],
    ['that of the first one that is named, by the start of its id', { readings: two, visible: 'GPU-1, GPU-0' }, 200],
    ['the lowest where an index may mean any', { readings: two, visible: '0' }, 200],
    ['the lowest where nothing is named', { readings: two, visible: undefined }, 200],
    ['the lowest where a part of a device is named', { readings: two, visible: 'MIG-7' }, 200],
    ['unknown without a reading', { readings: [], visible: undefined }, undefined],
    ['unknown where the driver gives no figure', { readings: [device(0, '[N/A]')], visible: undefined }, undefined],
    [
      'unknown where one of several that may be meant has no figure',
      { readings: [device(0, 1), device(1, '[N/A]')], visible: '0' },
      undefined,
    ],
  ])('is %s', (_what, { readings, visible }, spareMib) => {
    const spare = spareOfDevice(readings, visible);
    expect(spare === undefined ? undefined : spare / mib).toBe(spareMib);
  });

  it('is unknown without the program of the driver', async () => {
    await expect(spareMemory('cuda', { PATH: '/nonexistent' })()).resolves.toBeUndefined();
  });
});
