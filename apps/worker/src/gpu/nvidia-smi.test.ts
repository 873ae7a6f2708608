import { parseReading } from './nvidia-smi';

const line = '0, GPU-7b0c, 00000000:65:00.0, 2048, 81559, 37, 54';

test('a reading has memory in bytes, load in percent and temperature in degrees Celsius', () => {
  expect(parseReading(line)).toEqual({
    gpu: '0',
    uuid: 'GPU-7b0c',
    pciAddress: '0000:65:00',
    memoryUsedBytes: 2048 * 1024 * 1024,
    memoryTotalBytes: 81559 * 1024 * 1024,
    utilizationPercent: 37,
    temperatureCelsius: 54,
  });
});

test.each(['[N/A]', '[Not Supported]', '[GPU is lost]', 'ERR!', ''])('a figure given as %p is none', (text) => {
  const reading = parseReading(`1, GPU-b, 00000000:B3:00.0, ${text}, 100, ${text}, ${text}`);
  expect(reading).toMatchObject({ gpu: '1', pciAddress: '0000:b3:00', memoryTotalBytes: 100 * 1024 * 1024 });
  expect(reading?.memoryUsedBytes).toBeUndefined();
  expect(reading?.utilizationPercent).toBeUndefined();
  expect(reading?.temperatureCelsius).toBeUndefined();
});

test.each([
  'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.',
  'No devices were found',
  'Unable to determine the device handle for GPU0000:65:00.0: Unknown Error',
  '',
  `${line}, 1`,
  line.replace('GPU-7b0c', ''),
])('what is no reading is none: %p', (text) => {
  expect(parseReading(text)).toBeUndefined();
});
