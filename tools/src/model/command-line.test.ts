import { parseCommand, usage } from './command-line';

describe('parseCommand reads', () => {
  it('a list', () => {
    expect(parseCommand(['list'])).toEqual({ name: 'list' });
  });

  it.each(['pull', 'add', 'inspect', 'verify', 'remove'])('%s of something', (name) => {
    expect(parseCommand([name, 'tiny'])).toEqual({ name, operand: 'tiny', options: { maxLengthTokens: 8_192 } });
  });

  it.each(['int8', 'fp32', 'fp16', 'q4'])('the variant %s', (variant) => {
    expect(parseCommand(['pull', 'a/b', '--variant', variant])).toMatchObject({ options: { variant } });
  });

  it.each(['onnx', 'safetensors'])('the format %s', (from) => {
    expect(parseCommand(['pull', 'a/b', '--from', from])).toMatchObject({ options: { from } });
  });

  it('verify with --reference', () => {
    expect(parseCommand(['verify', 'tiny', '--reference'])).toMatchObject({ options: { isReferenceWanted: true } });
  });

  it('options in any place', () => {
    const args = ['--name', 'tiny', 'add', '--version=7', 'folder', '--licence', 'MIT', '--max-length', '512'];
    expect(parseCommand(args)).toEqual({
      name: 'add',
      operand: 'folder',
      options: { name: 'tiny', version: '7', licence: 'MIT', maxLengthTokens: 512 },
    });
  });
});

describe('parseCommand refuses', () => {
  it.each([
    ['nothing', []],
    ['a command that is none', ['push', 'acme/reranker']],
    ['a command that is none, without a model', ['push']],
    ['no model', ['pull']],
    ['more than one model', ['pull', 'a/b', 'c/d']],
    ['a list of something', ['list', 'tiny']],
    ['a variant that is none', ['pull', 'a/b', '--variant', 'fp8']],
    ['a format that is none', ['pull', 'a/b', '--from', 'pickle']],
    ['an option without its value', ['pull', 'a/b', '--variant']],
    ['an option that is none', ['list', '--force']],
    ['another command with --reference', ['pull', 'a/b', '--reference']],
    ['a list with --reference', ['list', '--reference']],
    ...['long', '7', '-8', '8.5', '', 'NaN', 'Infinity'].map((one) => [
      `the length ${JSON.stringify(one)}`,
      ['pull', 'a/b', `--max-length=${one}`],
    ]),
  ] as [string, string[]][])('%s', (_what, args) => {
    expect(parseCommand(args)).toBeUndefined();
  });
});

it('the usage names every command, variant and alias, and the environment', () => {
  const names = ['pull', 'add', 'list', 'inspect', 'verify', 'remove', 'int8|fp32|fp16|q4', 'bge-reranker-v2-m3'];
  for (const name of [...names, 'MODELS_DIR', 'HF_ENDPOINT', 'HF_TOKEN']) expect(usage).toContain(name);
});
