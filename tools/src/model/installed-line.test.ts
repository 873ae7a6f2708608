import { bundleOfLine, installedLine } from './installed-line';

test.each([true, false])('the launcher reads the bundle from the line of the model command (new: %s)', (isNew) => {
  const line = installedLine({ name: 'tiny', version: '20250102-abcdef0', folder: '/models of mine/tiny', isNew });
  expect(bundleOfLine(line)).toBe('tiny@20250102-abcdef0');
});

test.each(['pulling acme/tiny@main in 3 s', 'recognised: sequence-classification', 'not installed tiny@1 in /x', ''])(
  'it reads none from %j',
  (line) => expect(bundleOfLine(line)).toBeUndefined(),
);
