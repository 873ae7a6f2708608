import { basename, resolve } from 'node:path';
import type { Result } from '@rerank-fleet/contract';
import type * as Transformers from '@huggingface/transformers';
import type { PreTrainedModel, PreTrainedTokenizer, Tensor } from '@huggingface/transformers';
import type { Bundle } from '@rerank-fleet/model-runtime';
import type { Manifest } from '@rerank-fleet/scoring';

/** A pair of texts that both implementations read. */
export interface Pair {
  query: string;
  document: string;
  instruction?: string | undefined;
}

/** What transformers.js makes of a pair. */
interface ReferenceRow {
  /** The ids of the whole row; where query and document are rows of their own, one after the other. */
  ids: number[];
  /** undefined where transformers.js does not run the graph. */
  logit: number | undefined;
}

/** A bundle in transformers.js. */
export interface Reference {
  /** Why there are no logits; undefined where there are. */
  noLogits: string | undefined;
  /** Rejects where transformers.js fails at the pair. */
  read(pair: Pair): Promise<ReferenceRow>;
  close(): Promise<void>;
}

type Library = typeof Transformers;
type Inputs = Record<string, Tensor>;

/**
 * Opens the files of a folder with transformers.js as its users do, from the disk alone.
 * @returns a failure with one line where it is not installed, as in images, or cannot read the tokenizer.
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

/** Loads it on demand: it takes a third of a second and brings image code, for which no other command pays. */
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
      // adds nothing to the file's name; the graph is what it is
      dtype: 'fp32',
      device: 'cpu',
    });
    return { model, noLogits: undefined };
  } catch (error) {
    return { noLogits: `transformers.js cannot run it: ${reasonOf(error)}` };
  }
}

/** What the tokenizer makes of a pair, one row or two, by the texts of the template and not by its ids. */
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
    // row and column of the last token, for graphs that give logits there alone
    ...(lastTokens !== undefined && { [lastTokens]: new Tensor('int64', [0n, BigInt(tokens - 1)], [1, 1, 2]) }),
  })) as { logits: Tensor };
  const values = logits.to('float32').data as Float32Array;
  if (manifest.head !== 'causal-yes-no') return values[0] ?? NaN;
  // the tokens of the row, or its last one alone: the last numbers are those of the last token
  const last = values.subarray(-(logits.dims.at(-1) ?? 0));
  return (last[manifest.answers.yes.id] ?? NaN) - (last[manifest.answers.no.id] ?? NaN);
}

/** The first line of an error of the library while it opens files: no text of a pair is in it. */
function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.slice(0, 200) ?? '';
}
