import { basename, resolve } from 'node:path';
import type { Result } from '@rerank-fleet/contract';
import type * as Transformers from '@huggingface/transformers';
import type { PreTrainedModel, PreTrainedTokenizer, Tensor } from '@huggingface/transformers';
import type { Bundle } from '@rerank-fleet/model-runtime';
import type { Manifest } from '@rerank-fleet/scoring';

/** A pair of texts to compare. */
export interface Pair {
  query: string;
  document: string;
  instruction?: string | undefined;
}

/** The ids and the logit of a pair in transformers.js. */
interface ReferenceRow {
  /** The ids of the row. If query and document are separate rows, the ids of both, the query first. */
  ids: number[];
  /** undefined if transformers.js cannot run the graph. */
  logit: number | undefined;
}

/** A bundle that is opened in transformers.js. */
export interface Reference {
  /** Why there are no logits; undefined if there are. */
  noLogits: string | undefined;
  /** Rejects if transformers.js fails for the pair. */
  read(pair: Pair): Promise<ReferenceRow>;
  close(): Promise<void>;
}

type Library = typeof Transformers;
type Inputs = Record<string, Tensor>;

/**
 * Opens the files of a folder with transformers.js as its users do, without network access.
 * @returns a failure with one line if it is not installed (as in images) or cannot read the tokenizer.
 */
export async function openReference(
  { manifest }: Pick<Bundle, 'manifest'>,
  folder: string,
): Promise<Result<{ reference: Reference }, { message: string }>> {
  const library = await loadLibrary();
  if (library === undefined) {
    return { ok: false, message: 'transformers.js cannot be loaded: run the command in a checkout, after npm ci' };
  }
  const { AutoTokenizer, env, LogLevel } = library;
  Object.assign(env, { allowRemoteModels: false, useFSCache: false, useWasmCache: false, logLevel: LogLevel.ERROR });
  const path = resolve(folder);
  let tokenizer: PreTrainedTokenizer;
  try {
    tokenizer = await AutoTokenizer.from_pretrained(path, { local_files_only: true });
  } catch (error) {
    return { ok: false, message: `transformers.js cannot read its tokenizer: ${reasonOf(error)}` };
  }
  const { model, noLogits } = await openModel(library, manifest, path);
  const inputsOf = inputsFor(tokenizer, manifest);
  return {
    ok: true,
    reference: {
      noLogits,
      async read(pair) {
        const rows = inputsOf(pair);
        const ids = rows.flatMap(({ input_ids: tensor }) => [...(tensor?.data as BigInt64Array)].map(Number));
        const [inputs] = rows;
        return { ids, logit: model && inputs && (await logitOf(library, { model, manifest, inputs })) };
      },
      close: async () => void (await model?.dispose()),
    },
  };
}

/** Loads the library on demand, because it takes a third of a second and no other command needs it. */
async function loadLibrary(): Promise<Library | undefined> {
  try {
    return await import('@huggingface/transformers');
  } catch {
    return undefined;
  }
}

async function openModel(
  { AutoModelForCausalLM, AutoModelForSequenceClassification }: Library,
  manifest: Manifest,
  path: string,
): Promise<{ model?: PreTrainedModel; noLogits: string | undefined }> {
  if (manifest.head === 'late-interaction') return { noLogits: 'transformers.js has no late interaction' };
  const loader = manifest.head === 'causal-yes-no' ? AutoModelForCausalLM : AutoModelForSequenceClassification;
  try {
    const model = await loader.from_pretrained(path, {
      local_files_only: true,
      subfolder: '',
      model_file_name: basename(manifest.files.model.path, '.onnx'),
      // Adds no suffix to the file name. The precision of the graph does not change.
      dtype: 'fp32',
      device: 'cpu',
    });
    return { model, noLogits: undefined };
  } catch (error) {
    return { noLogits: `transformers.js cannot run it: ${reasonOf(error)}` };
  }
}

/** The tokenizer's inputs for a pair, one row or two, made from the texts of the template and not from its ids. */
function inputsFor(tokenizer: PreTrainedTokenizer, manifest: Manifest): (pair: Pair) => Inputs[] {
  const inputs = (text: string, options: object = {}) => tokenizer(text, options) as Inputs;
  if (manifest.head === 'late-interaction') {
    const { query: queryPart, document: documentPart } = manifest.template;
    return ({ query, document }) => [inputs(queryPart.prefix + query), inputs(documentPart.prefix + document)];
  }
  const { template } = manifest;
  if (template.kind === 'pair') return ({ query, document }) => [inputs(query, { text_pair: document })];
  return ({ query, document, instruction = template.instruction }) => {
    const texts: Record<string, string> = { instruction, query, document };
    const body = template.body.replace(
      /\{(instruction|query|document)\}/g,
      (_place, name: string) => texts[name] ?? '',
    );
    return [inputs(template.prefix + body + template.suffix, { add_special_tokens: false })];
  };
}

interface Call {
  model: PreTrainedModel;
  manifest: Manifest;
  inputs: Inputs;
}

async function logitOf({ Tensor }: Library, { model, manifest, inputs }: Call): Promise<number> {
  const tokens = inputs['input_ids']?.dims[1] ?? 0;
  const lastTokens = manifest.head === 'causal-yes-no' ? manifest.inputs.lastTokens : undefined;
  const { logits } = (await model({
    ...inputs,
    // Row and column of the last token, for graphs that output logits only there.
    ...(lastTokens !== undefined && { [lastTokens]: new Tensor('int64', [0n, BigInt(tokens - 1)], [1, 1, 2]) }),
  })) as { logits: Tensor };
  const values = logits.to('float32').data as Float32Array;
  if (manifest.head !== 'causal-yes-no') return values[0] ?? NaN;
  // The graph outputs logits for all tokens or for the last one. In both cases the last values are of the last token.
  const last = values.subarray(-(logits.dims.at(-1) ?? 0));
  return (last[manifest.answers.yes.id] ?? NaN) - (last[manifest.answers.no.id] ?? NaN);
}

/** The first line of an error of the library. Errors while it opens files contain no text of a pair. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 200) ?? '';
}
