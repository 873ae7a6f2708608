import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { add, verify } from './commands';
import { rerankerGraph, type GraphFaults } from './onnx/reranker-testing';
import {
  runCommand,
  expectNoBundle,
  exportFiles,
  lineOf,
  outputOf,
  defaultOptions,
  useFolder,
  writeFolder,
} from './testing';

const setup = useFolder();

/** Adds the export of a graph with tiny-bert's tokenizer. */
function added(faults: GraphFaults) {
  const files = { ...exportFiles('tiny-bert', '1'), 'model.onnx': rerankerGraph(faults) };
  const folder = writeFolder(join(setup.folder, 'export'), files);
  return runCommand((context) => add(context, folder, { ...defaultOptions, name: 'tiny', version: '1' }), setup.models);
}

const installedManifest = () => JSON.parse(readFileSync(join(setup.models, 'tiny/1/manifest.json'), 'utf8')) as object;

describe('add serves', () => {
  it('a graph with open axes in calls of many rows', async () => {
    const output = outputOf(await added({}));
    expect(output).toMatch(/testing its longest row, 512 tokens; .+\ninstalled tiny@1/);
    expect(output).toMatch(/; rows of up to 512 tokens\n/);
    expect(output).not.toMatch('between 0 and 1');
    expect(installedManifest()).toMatchObject({ maxRows: 64 });
  });

  it('a graph whose rows axis is fixed at 1, one row a call', async () => {
    expect(outputOf(await added({ rows: 1 }))).toMatch(/; rows of up to 512 tokens, one per call\n/);
    expect(installedManifest()).toMatchObject({ maxRows: 1 });
    outputOf(await runCommand((context) => verify(context, 'tiny'), setup.models));
  });

  it.each<[string, GraphFaults, RegExp]>([
    [
      'counts padding',
      { ignoresMask: true },
      /^tiny@1: the value of a row depends on the other rows of a call \(\S+ alone, \S+ with others\): /,
    ],
    ['gives one row', { givesOneRow: true }, /^tiny@1: its graph fails \(.*\) at a call of 3 rows: /],
  ])('a graph that %s, one row a call, and says so', async (_name, faults, line) => {
    const output = outputOf(await added(faults));
    const notice = output.split('\n').find((one) => one.endsWith('it is served one row per call'));
    expect(notice).toMatch(line);
    expect(installedManifest()).toMatchObject({ maxRows: 1 });
  });

  it('a graph whose values could be probabilities, and says what that would mean', async () => {
    // a sigmoid that is not written as one
    const output = outputOf(await added({ ends: ['Neg', 'Exp', 'Add', 'Reciprocal'] }));
    expect(output).toMatch(/^all its values are between 0 and 1; if they are probabilities, /m);
  });
});

describe('add refuses in one line', () => {
  it.each<[string, GraphFaults, RegExp]>([
    [
      'a rows axis fixed at 4',
      { rows: 4 },
      /: the input input_ids takes exactly 4 rows per call: export it with an open axis$/,
    ],
    [
      'a tokens axis fixed at 128',
      { tokens: 128 },
      /: the input input_ids takes exactly 128 tokens per row: export it with an open axis$/,
    ],
    ['both', { rows: 1, tokens: 128 }, /takes exactly 128 tokens per row/],
    ['a sigmoid at its end', { ends: ['Sigmoid'] }, /: the output logits comes from a Sigmoid: it outputs scores, /],
    ['a sigmoid that is moved', { ends: ['Sigmoid', 'Cast', 'Identity'] }, /comes from a Sigmoid/],
    ['a softmax over its one label', { ends: ['Softmax'] }, /comes from a Softmax/],
    ['a logarithm of one', { ends: ['LogSoftmax'] }, /comes from a LogSoftmax/],
    [
      'no number for an empty document',
      { dividesByDocument: true },
      /^tiny@1: its value is not a number for a document of 0 tokens$/,
    ],
    [
      'values that are about the call alone',
      { mixesRows: true },
      /^tiny@1: it gives the value 0\.0000 to 3 different documents, so it cannot rank$/,
    ],
    ['hardly any positions', { positions: 8 }, /^tiny@1: its graph fails \(.*out of data bounds.*\)$/],
    [
      'fewer positions than config.json says',
      { positions: 100 },
      /^tiny@1: its graph fails \(.*\) at its longest row, of 512 tokens: give a smaller --max-length, or correct max_position_/,
    ],
  ])('%s', async (_name, faults, line) => {
    expect(lineOf(await added(faults))).toMatch(line);
    await expectNoBundle(setup.models);
  });
});
