import type { PostProcessorJson } from '@rerank-fleet/scoring';
import { pairTemplate } from './templates';

const special = (id: string, type_id = 0) => ({ SpecialToken: { id, type_id } });
const sequence = (id: string, type_id = 0) => ({ Sequence: { id, type_id } });
const token = (id: string, ...ids: number[]) => ({ id, ids, tokens: [id] });
const special_tokens = { '<s>': token('<s>', 0), '</s>': token('</s>', 2), two: token('two', 7, 8) };
type Places = Extract<PostProcessorJson, { type: 'TemplateProcessing' }>['pair'];
const template = (...pair: Places): PostProcessorJson => ({
  type: 'TemplateProcessing',
  single: [],
  pair,
  special_tokens,
});
const forBytes: PostProcessorJson = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false };
const pair = { kind: 'pair', version: 'tokenizer-pair-1' };

describe('pairTemplate reads', () => {
  it.each<[string, PostProcessorJson, object]>([
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
      { type: 'Sequence', processors: [forBytes, template(sequence('A'), sequence('B'))] },
      { startIds: [], betweenIds: [], endIds: [], documentTypeId: 0 },
    ],
  ])('%s', (_name, processor, parts) => {
    expect(pairTemplate(processor)).toEqual({ ok: true, template: { ...pair, ...parts } });
  });
});

describe('pairTemplate refuses', () => {
  it.each<[string, PostProcessorJson | undefined]>([
    ['none', undefined],
    ['one for bytes', forBytes],
    ['a sequence of none', { type: 'Sequence', processors: [forBytes] }],
    ['two of them', { type: 'Sequence', processors: [template(sequence('A'), sequence('B')), template()] }],
    ['a template for one text', template(special('<s>'), sequence('A'))],
    ['a template with the document first', template(sequence('B'), special('</s>'), sequence('A'))],
    ['a template with a text twice', template(sequence('A'), sequence('B'), sequence('A'))],
    ['a template with a token that has no id', template(special('<absent>'), sequence('A'), sequence('B'))],
    ['a template with a token that only JavaScript knows', template(special('toString'), sequence('A'), sequence('B'))],
  ])('%s', (_name, processor) => {
    const reason = 'the post_processor of its tokenizer.json does not say how a query and a document become one row';
    expect(pairTemplate(processor)).toEqual({ ok: false, reason });
  });

  it.each<[string, Places]>([
    ['a query of the type 1', [sequence('A', 1), special('</s>'), sequence('B', 1)]],
    ['a token before the document of its type', [sequence('A'), special('</s>', 1), sequence('B', 1)]],
    ['an end of the other type', [sequence('A'), sequence('B', 1), special('</s>')]],
    ['a document of the type 2', [sequence('A'), sequence('B', 2)]],
  ])('a template with %s', (_name, places) => {
    const reason = expect.stringMatching(
      /^the post_processor of its tokenizer.json gives token types that are not supported: /,
    );
    expect(pairTemplate(template(...places))).toEqual({ ok: false, reason });
  });
});
