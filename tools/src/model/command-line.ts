import { parsedArgs } from '../command/command';
import { aliases } from './aliases';
import type { PullOptions, VerifyOptions } from './commands';
import { variants, weightFormats, type Variant, type WeightFormat } from './variants';

/** Default limit on the tokens of a row. A longer row takes gigabytes of memory on a CPU. */
const maxLengthTokens = 8_192;

export const usage = `usage: npm run model -- <command>

  pull <alias or owner/name>[@revision]   download a model, recognise it, write its manifest, test it
  add <folder> --name NAME                do the same with the files of a folder
  list                                    list the installed bundles
  inspect <name or file.onnx>             show the inputs, outputs and operators of a graph
  verify <name>[@version] [--reference]   check file checksums and golden scores; with --reference, also compare
                                          token ids and scores with transformers.js (reads local files only)
  remove <name>[@version]                 delete a bundle

  pull and add take  --from ${weightFormats.join('|')}  --variant ${variants.join('|')}  --name NAME
                     --version VERSION  --licence TEXT  --max-length TOKENS
  aliases: ${Object.keys(aliases).join(', ')}
  environment: MODELS_DIR (models), HF_ENDPOINT (https://huggingface.co), HF_TOKEN`;

/** A parsed command. Every command except `list` has an operand. */
export type Command =
  { name: 'list' } | { name: (typeof withOperand)[number]; operand: string; options: PullOptions & VerifyOptions };

const withOperand = ['pull', 'add', 'inspect', 'verify', 'remove'] as const;
const text = { type: 'string' } as const;
const allowed = {
  from: text,
  variant: text,
  name: text,
  version: text,
  licence: text,
  'max-length': text,
  reference: { type: 'boolean' },
} as const;

/** Parses the arguments. Returns undefined when they do not match {@link usage}. */
export function parseCommand(args: string[]): Command | undefined {
  const parsed = parsedArgs({ args, allowPositionals: true, options: allowed });
  if (parsed === undefined) return undefined;
  const { values, positionals } = parsed;
  const [name, operand, ...more] = positionals;
  const isReferenceWanted = values.reference === true;
  if (isReferenceWanted && name !== 'verify') return undefined;
  if (name === 'list') return operand === undefined ? { name } : undefined;
  const command = withOperand.find((one) => one === name);
  const variant = variants.find((one) => one === values.variant);
  const length = values['max-length'] === undefined ? maxLengthTokens : Number(values['max-length']);
  if (command === undefined || operand === undefined || more.length > 0) return undefined;
  const from = weightFormats.find((one) => one === values.from);
  if (values.variant !== undefined && variant === undefined) return undefined;
  if (values.from !== undefined && from === undefined) return undefined;
  if (!(Number.isInteger(length) && length >= 128)) return undefined;
  const options = {
    ...pullOptions(values, { variant, from, length }),
    ...(isReferenceWanted && { isReferenceWanted }),
  };
  return { name: command, operand, options };
}

function pullOptions(
  values: { name?: string; version?: string; licence?: string },
  { variant, from, length }: { variant: Variant | undefined; from: WeightFormat | undefined; length: number },
): PullOptions {
  const { name, version, licence } = values;
  return {
    maxLengthTokens: length,
    ...(variant && { variant }),
    ...(from && { from }),
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(licence !== undefined && { licence }),
  };
}
