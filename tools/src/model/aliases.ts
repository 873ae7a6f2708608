import type { Result } from '@rerank-fleet/contract';
import type { WeightFormat } from './variants';

/** The repositories and the licence behind a short model name. */
export interface Alias {
  /** Repository of the model itself. Its licence applies, and requests may name the model by it. */
  original: string;
  /** Repository with an ONNX export by somebody else. */
  exported?: string;
  /** Which of the two is pulled by default: the owner's, unless its weights are of an architecture that is not known. */
  pulled: 'original' | 'exported';
  licence: string;
}

/** Short names of models that can be pulled and served. */
export const aliases: Readonly<Record<string, Alias>> = {
  'qwen3-reranker-0.6b': {
    original: 'Qwen/Qwen3-Reranker-0.6B',
    exported: 'onnx-community/Qwen3-Reranker-0.6B-ONNX',
    pulled: 'original',
    licence: 'Apache-2.0',
  },
  'qwen3-reranker-4b': {
    original: 'Qwen/Qwen3-Reranker-4B',
    pulled: 'original',
    licence: 'Apache-2.0',
  },
  'qwen3-reranker-8b': {
    original: 'Qwen/Qwen3-Reranker-8B',
    pulled: 'original',
    licence: 'Apache-2.0',
  },
  'bge-reranker-v2-m3': {
    original: 'BAAI/bge-reranker-v2-m3',
    exported: 'onnx-community/bge-reranker-v2-m3-ONNX',
    pulled: 'original',
    licence: 'Apache-2.0',
  },
  'bge-reranker-base': {
    original: 'BAAI/bge-reranker-base',
    exported: 'onnx-community/bge-reranker-base-ONNX',
    pulled: 'original',
    licence: 'MIT',
  },
  'ms-marco-minilm-l6-v2': {
    original: 'cross-encoder/ms-marco-MiniLM-L6-v2',
    exported: 'Xenova/ms-marco-MiniLM-L-6-v2',
    pulled: 'original',
    licence: 'Apache-2.0',
  },
  'jina-reranker-v2-base-multilingual': {
    original: 'jinaai/jina-reranker-v2-base-multilingual',
    pulled: 'original',
    licence: 'CC-BY-NC-4.0',
  },
  'gte-multilingual-reranker-base': {
    original: 'Alibaba-NLP/gte-multilingual-reranker-base',
    exported: 'onnx-community/gte-multilingual-reranker-base',
    pulled: 'exported',
    licence: 'Apache-2.0',
  },
};

/** The repository of an alias that has the weights in the wanted format. */
function repositoryOf({ original, exported = original, pulled }: Alias, from: WeightFormat | undefined): string {
  if (from === undefined) return pulled === 'original' ? original : exported;
  return from === 'onnx' ? exported : original;
}

/** A requested model: an alias or `owner/name`, with an optional `@revision`. */
interface WantedModel {
  repo: string;
  revision: string;
  /** Name of the bundle. */
  name: string;
  alias: Alias | undefined;
}

export type ParsedModel = Result<{ wanted: WantedModel }, { message: string }>;

/** Parses an alias or a repository name. The message for any other name lists the aliases. */
export function parseWanted(text: string, from?: WeightFormat): ParsedModel {
  const [model = '', revision = 'main'] = text.split('@', 2);
  const name = model.toLowerCase();
  const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  if (alias !== undefined) return { ok: true, wanted: { repo: repositoryOf(alias, from), revision, name, alias } };
  if (/^[^/\s]+\/[^/\s]+$/.test(model)) {
    const known = Object.entries(aliases).find(([, one]) => [one.original, one.exported].includes(model));
    // The model's own repository may lack the format. Its revisions are not those of the export's repository.
    const isReplaceable = known?.[1].original === model && !text.includes('@');
    const repo = isReplaceable ? repositoryOf(known[1], from) : model;
    return { ok: true, wanted: { repo, revision, name: known?.[0] ?? bundleName(model), alias: known?.[1] } };
  }
  const names = Object.keys(aliases).join(', ');
  return { ok: false, message: `no model ${model}: name a repository as owner/name, or one of: ${names}` };
}

/** The repository's name without `-onnx`, restricted to characters that folder and queue names allow. */
export function bundleName(repo: string): string {
  const plain = repo
    .slice(repo.lastIndexOf('/') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[-_.]onnx$/, '')
    .replace(/^[^a-z0-9]+/, '');
  return plain === '' ? 'model' : plain;
}
