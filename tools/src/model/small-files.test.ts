import { join } from 'node:path';
import { add } from './commands';
import { runCommand, exportFiles, lineOf, outputOf, defaultOptions, useFolder, writeFolder } from './testing';

const setup = useFolder();
const files = exportFiles('tiny-bert', '1');

/** Adds the export of tiny-bert with other files. */
function added(more: Record<string, Buffer>) {
  const folder = writeFolder(join(setup.folder, 'export'), { ...files, ...more });
  return runCommand((context) => add(context, folder, { ...defaultOptions, name: 'tiny', version: '1' }), setup.models);
}

const utf8 = (text: string) => Buffer.from(text);
const textOf = (name: string) => files[name]?.toString() ?? '';

describe('add reads a file as editors and Python write it', () => {
  it.each(['config.json', 'tokenizer_config.json', 'tokenizer.json'])('%s with a byte order mark', async (name) => {
    outputOf(await added({ [name]: utf8(`\ufeff${textOf(name)}`) }));
  });

  it.each(['config.json', 'tokenizer_config.json'])('%s with numbers that JSON has not', async (name) => {
    outputOf(await added({ [name]: utf8(textOf(name).replace('{', '{"x":NaN,"y":[Infinity,-Infinity],')) }));
  });

  it.each<[string, string, Buffer, RegExp]>([
    [
      'of another encoding',
      'config.json',
      Buffer.from(`\ufeff${textOf('config.json')}`, 'utf16le'),
      /: config\.json is not UTF-8 text: save it as UTF-8$/,
    ],
    ['without content', 'config.json', Buffer.alloc(0), /: config\.json is empty: download it again$/],
    [
      'that is cut short',
      'tokenizer.json',
      utf8(textOf('tokenizer.json').slice(0, 900)),
      /: tokenizer\.json is not complete JSON: download it again$/,
    ],
    [
      'with NaN where a size is needed',
      'config.json',
      utf8('{"model_type":"bert","vocab_size":NaN}'),
      /: config\.json lacks a usable vocab_size$/,
    ],
  ])('or says what is wrong with one %s', async (...[, name, content, line]) => {
    expect(lineOf(await added({ [name]: content }))).toMatch(line);
  });
});
