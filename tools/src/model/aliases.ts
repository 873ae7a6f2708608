import type { Result } from '@rerank-fleet/contract';
import type { WeightFormat } from './variants';

/** The repositories and the licence behind a short model name. */
export interface Alias {
  /** Repository with the ONNX export. */
  repo: string;
  /** Repository of the model itself. Its licence applies, and requests may name the model by it. */
  original: string;
  licence: string;
}

/** Short names of models that can be pulled and served. */
export const aliases: Readonly<Record<string, Alias>> = {
  'qwen3-reranker-0.6b': {
    repo: 'onnx-community/Qwen3-Reranker-0.6B-ONNX',
    original: 'Qwen/Qwen3-Reranker-0.6B',
    licence: 'Apache-2.0',
  },
  'bge-reranker-v2-m3': {
    repo: 'onnx-community/bge-reranker-v2-m3-ONNX',
    original: 'BAAI/bge-reranker-v2-m3',
    licence: 'Apache-2.0',
  },
  'bge-reranker-base': {
    repo: 'onnx-community/bge-reranker-base-ONNX',
    original: 'BAAI/bge-reranker-base',
    licence: 'MIT',
  },
  'ms-marco-minilm-l6-v2': {
    repo: 'Xenova/ms-marco-MiniLM-L-6-v2',
    original: 'cross-encoder/ms-marco-MiniLM-L6-v2',
    licence: 'Apache-2.0',
  },
  'jina-reranker-v2-base-multilingual': {
    repo: 'jinaai/jina-reranker-v2-base-multilingual',
    original: 'jinaai/jina-reranker-v2-base-multilingual',
    licence: 'CC-BY-NC-4.0',
  },
  'gte-multilingual-reranker-base': {
    repo: 'onnx-community/gte-multilingual-reranker-base',
    original: 'Alibaba-NLP/gte-multilingual-reranker-base',
    licence: 'Apache-2.0',
  },
};

/** A requested model: an alias or `owner/name`, with an optional `@revision`. */
interface WantedModel {
  repo: string;
  revision: string;
  /** Name of the bundle. */
  name: string;
  alias: Alias | undefined;
}

export type ParsedModel = Result<{ wanted: WantedModel }, { message: string }>;

/** Parses an alias or a repository name; safetensors are in the model's own repository. The message for any other name lists the aliases. */
export function parseWanted(text: string, from?: WeightFormat): ParsedModel {
  const [model = '', revision = 'main'] = text.split('@', 2);
  const alias = Object.hasOwn(aliases, model.toLowerCase()) ? aliases[model.toLowerCase()] : undefined;
  if (alias !== undefined) {
    return {
      ok: true,
      wanted: {
        repo: from === 'safetensors' ? alias.original : alias.repo,
        revision,
        name: model.toLowerCase(),
        alias,
      },
    };
  }
  if (/^[^/\s]+\/[^/\s]+$/.test(model)) {
    const known = Object.entries(aliases).find(([, one]) => one.repo === model || one.original === model);
    // The model's own repository may have no export. Its revisions are not those of the export's repository.
    const isOwn = text.includes('@') || from === 'safetensors';
    const repo = isOwn ? model : (known?.[1].repo ?? model);
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
