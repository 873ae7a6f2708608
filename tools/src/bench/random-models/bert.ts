import { vocabulary as benchWords } from '../documents';
import type { ModelRecipe, Shapes } from './checkpoint';

/** Sizes of a BERT cross-encoder. */
export interface BertSizes {
  layers: number;
  hidden: number;
  inner: number;
  heads: number;
}

/** The sizes of cross-encoder/ms-marco-MiniLM-L6-v2. */
export const miniLmL6: BertSizes = { layers: 6, hidden: 384, inner: 1536, heads: 12 };
/** The layers of BAAI/bge-reranker-base. Its vocabulary is larger, which does not change the speed. */
export const bgeBase: BertSizes = { layers: 12, hidden: 768, inner: 3072, heads: 12 };

const vocabularySize = 30_522;
const positions = 512;

/** A cross-encoder of these sizes as its owner would publish it. Each word of the benchmarks is one token. */
export function bertRecipe(name: string, sizes: BertSizes): ModelRecipe {
  const config = {
    ...{ architectures: ['BertForSequenceClassification'], model_type: 'bert', hidden_act: 'gelu' },
    ...{ pad_token_id: 0, type_vocab_size: 2, id2label: { 0: 'LABEL_0' }, layer_norm_eps: 1e-12 },
    max_position_embeddings: positions,
    vocab_size: vocabularySize,
    hidden_size: sizes.hidden,
    intermediate_size: sizes.inner,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
  };
  return { name, config, shapes: shapesOf(sizes), tokenizer: wordTokenizer() };
}

function shapesOf({ layers, hidden, inner }: BertSizes): Shapes {
  const linear = (name: string, inputs: number, outputs: number): Shapes => ({
    [`${name}.weight`]: [outputs, inputs],
    [`${name}.bias`]: [outputs],
  });
  const norm = (name: string): Shapes => ({ [`${name}.weight`]: [hidden], [`${name}.bias`]: [hidden] });
  const layer = (name: string): Shapes => ({
    ...linear(`${name}.attention.self.query`, hidden, hidden),
    ...linear(`${name}.attention.self.key`, hidden, hidden),
    ...linear(`${name}.attention.self.value`, hidden, hidden),
    ...linear(`${name}.attention.output.dense`, hidden, hidden),
    ...norm(`${name}.attention.output.LayerNorm`),
    ...linear(`${name}.intermediate.dense`, hidden, inner),
    ...linear(`${name}.output.dense`, inner, hidden),
    ...norm(`${name}.output.LayerNorm`),
  });
  const tables = { word: vocabularySize, position: positions, token_type: 2 };
  return {
    ...Object.fromEntries(
      Object.entries(tables).map(([table, rows]) => [`bert.embeddings.${table}_embeddings.weight`, [rows, hidden]]),
    ),
    ...norm('bert.embeddings.LayerNorm'),
    ...Object.assign({}, ...Array.from({ length: layers }, (_, index) => layer(`bert.encoder.layer.${index}`))),
    ...linear('bert.pooler.dense', hidden, hidden),
    ...linear('classifier', hidden, 1),
  };
}

const controlTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];

/** A WordPiece tokenizer whose vocabulary is that of the benchmarks, filled up to the size of BERT's. */
function wordTokenizer(): ModelRecipe['tokenizer'] {
  const known = [...controlTokens, ...'?.,', ...new Set(benchWords)];
  const others = Array.from({ length: vocabularySize - known.length }, (_, index) => `unused${index}`);
  const vocab = Object.fromEntries([...known, ...others].map((token, id) => [token, id]));
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const text = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  const query = [special('[CLS]', 0), text('A', 0), special('[SEP]', 0)];
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: controlTokens.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    })),
    normalizer: {
      ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
      ...{ strip_accents: null, lowercase: true },
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: query,
      pair: [...query, text('B', 1), special('[SEP]', 1)],
      special_tokens: Object.fromEntries(
        ['[CLS]', '[SEP]'].map((token) => [token, { id: token, ids: [vocab[token]], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{ type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##' },
      ...{ max_input_chars_per_word: 100, vocab },
    },
  };
  const config = { tokenizer_class: 'BertTokenizer', model_max_length: positions, pad_token: '[PAD]' };
  return { json, config };
}
