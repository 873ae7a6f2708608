import { pairTemplate } from './templates';

const special = (id: string, type_id = 0) => ({ SpecialToken: { id, type_id } });
const sequence = (id: string, type_id = 0) => ({ Sequence: { id, type_id } });
const special_tokens = { '<s>': { id: '<s>', ids: [0] }, '</s>': { id: '</s>', ids: [2] }, two: { ids: [7, 8] } };
const template = (...pair: object[]) => ({ type: 'TemplateProcessing', single: [], pair, special_tokens });
const read = (post_processor: unknown) => pairTemplate({ post_processor });
const pair = { kind: 'pair', version: 'tokenizer-pair-1' };

describe('pairTemplate reads', () => {
  it.each([
    [
      'a template',
      template(special('<s>'), sequence('A'), special('</s>'), special('</s>'), sequence('B'), special('</s>')),
      { startIds: [0], betweenIds: [2, 2], endIds: [2], documentTypeId: 0 },
    ],
    [
      'a template with a type for the document',
      template(special('<s>'), sequence('A'), special('</s>'), sequence('B', 1), special('</s>', 1)),
      { startIds: [0], betweenIds: [2], endIds: [2], documentTypeId: 1 },
    ],
    [
      'a template with a token of two ids and none at its ends',
      template(sequence('A'), special('two'), sequence('B')),
      { startIds: [], betweenIds: [7, 8], endIds: [], documentTypeId: 0 },
    ],
    [
      'BertProcessing',
      { type: 'BertProcessing', sep: ['[SEP]', 102], cls: ['[CLS]', 101] },
      { startIds: [101], betweenIds: [102], endIds: [102], documentTypeId: 1 },
    ],
    [
      'RobertaProcessing',
      { type: 'RobertaProcessing', sep: ['</s>', 2], cls: ['<s>', 0], trim_offsets: true, add_prefix_space: false },
      { startIds: [0], betweenIds: [2, 2], endIds: [2], documentTypeId: 0 },
    ],
    [
      'the one of a sequence that says it',
      { type: 'Sequence', processors: [{ type: 'ByteLevel' }, template(sequence('A'), sequence('B'))] },
      { startIds: [], betweenIds: [], endIds: [], documentTypeId: 0 },
    ],
  ])('%s', (_name, processor, parts) => {
    expect(read(processor)).toEqual({ ok: true, template: { ...pair, ...parts } });
  });
});

describe('pairTemplate refuses', () => {
  it.each([
    ['none', null],
    ['one for bytes', { type: 'ByteLevel' }],
    ['a sequence of none', { type: 'Sequence', processors: [{ type: 'ByteLevel' }] }],
    ['a template for one text', template(special('<s>'), sequence('A'))],
    ['a template with the document first', template(sequence('B'), special('</s>'), sequence('A'))],
    ['a template with a text twice', template(sequence('A'), sequence('B'), sequence('A'))],
    ['a template with a token that has no id', template(special('<absent>'), sequence('A'), sequence('B'))],
    ['a template with a token that only JavaScript knows', template(special('toString'), sequence('A'), sequence('B'))],
    ['a template without tokens', { type: 'TemplateProcessing', pair: [sequence('A'), sequence('B')] }],
    ['a separator without an id', { type: 'BertProcessing', sep: ['[SEP]'], cls: ['[CLS]', 101] }],
  ])('%s', (_name, processor) => {
    const reason = 'the post_processor of its tokenizer.json does not say how a query and a document become one row';
    expect(read(processor)).toEqual({ ok: false, reason });
  });

  it('a tokenizer.json that is none', () => {
    for (const json of [undefined, null, 'text', []]) expect(pairTemplate(json)).toMatchObject({ ok: false });
  });
});
