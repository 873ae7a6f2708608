import { parseArgs } from 'node:util';
import { aliases } from './aliases';
import type { PullOptions, VerifyOptions } from './commands';
import { variants, type Variant } from './variants';

/** Longest row of a model that could read more: beyond it a single row takes gigabytes on a CPU. */
const maxLengthTokens = 8_192;

export const usage = `usage: npm run model -- <command>

  pull <alias or owner/name>[@revision]   download an export, recognise it, write its manifest, try it
  add <folder> --name NAME                the same with the files of a folder
  list                                    the bundles there are
  inspect <name or file.onnx>             inputs, outputs and operators of a graph
  verify <name>[@version] [--reference]   check files against their checksums, and golden scores; with --reference
                                          token ids and scores against transformers.js, from the files on the disk
  remove <name>[@version]                 delete a bundle

  pull and add take  --variant ${variants.join('|')}  --name NAME  --version VERSION  --licence TEXT  --max-length TOKENS
  aliases: ${Object.keys(aliases).join(', ')}
  environment: MODELS_DIR (models), HF_ENDPOINT (https://huggingface.co), HF_TOKEN`;

/** What is to be done: one of the names, which all but `list` are about something. */
export type Command =
  { name: 'list' } | { name: (typeof withOperand)[number]; operand: string; options: PullOptions & VerifyOptions };

const withOperand = ['pull', 'add', 'inspect', 'verify', 'remove'] as const;
const text = { type: 'string' } as const;

/** Reads the arguments; undefined where they are not as {@link usage} says. */
export function parseCommand(args: string[]): Command | undefined {
  const parsed = parsedArgs(args);
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
  if (values.variant !== undefined && variant === undefined) return undefined;
  if (!(Number.isInteger(length) && length >= 128)) return undefined;
  const options = { ...pullOptions(values, { variant, length }), ...(isReferenceWanted && { isReferenceWanted }) };
  return { name: command, operand, options };
}

function parsedArgs(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        variant: text,
        name: text,
        version: text,
        licence: text,
        'max-length': text,
        reference: { type: 'boolean' },
      },
    });
  } catch {
    return undefined;
  }
}

function pullOptions(
  values: { name?: string; version?: string; licence?: string },
  { variant, length }: { variant: Variant | undefined; length: number },
): PullOptions {
  const { name, version, licence } = values;
  return {
    maxLengthTokens: length,
    ...(variant && { variant }),
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(licence !== undefined && { licence }),
  };
}
