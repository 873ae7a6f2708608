import { parseArgs } from 'node:util';
import { ConfigError, parseConfig } from '@rerank-fleet/service-shell';
import { aliases } from './aliases';
import {
  add,
  inspect,
  list,
  pull,
  remove,
  verify,
  type CommandContext,
  type ExitCode,
  type PullOptions,
} from './commands';
import { modelToolSchema } from './config';
import { variants, type Variant } from './variants';

/** Longest row of a model that could read more: beyond it a single row takes gigabytes on a CPU. */
const maxLengthTokens = 8_192;

const usage = `usage: npm run model -- <command>

  pull <alias or owner/name>[@revision]   download an export, recognise it, write its manifest, try it
  add <folder> --name NAME                the same with the files of a folder
  list                                    the bundles there are
  inspect <name or file.onnx>             inputs, outputs and operators of a graph
  verify <name>[@version]                 check files against their checksums, and golden scores
  remove <name>[@version]                 delete a bundle

  pull and add take  --variant ${variants.join('|')}  --name NAME  --version VERSION  --licence TEXT  --max-length TOKENS
  aliases: ${Object.keys(aliases).join(', ')}
  environment: MODELS_DIR (models), HF_ENDPOINT (https://huggingface.co), HF_TOKEN`;

async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args);
  if (parsed === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  const { stdout, stderr } = process;
  const config = parseConfig(modelToolSchema, process.env);
  return run({ config, terminal: { stdout, stderr, signal: stop.signal } }, parsed);
}

interface Command {
  name: string;
  operand: string | undefined;
  options: PullOptions;
}

function run(context: CommandContext, { name, operand, options }: Command): Promise<ExitCode> | 2 {
  if (name === 'list') return list(context);
  if (operand === undefined) return misused();
  switch (name) {
    case 'pull':
      return pull(context, operand, options);
    case 'add':
      return add(context, operand, options);
    case 'inspect':
      return inspect(context, operand);
    case 'verify':
      return verify(context, operand);
    case 'remove':
      return remove(context, operand);
    default:
      return misused();
  }
}

function misused(): 2 {
  process.stderr.write(`${usage}\n`);
  return 2;
}

const text = { type: 'string' } as const;

function parseCommand(args: string[]): Command | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { variant: text, name: text, version: text, licence: text, 'max-length': text },
    });
    const [name, operand, ...more] = positionals;
    const variant = variants.find((one) => one === values.variant);
    const length = values['max-length'] === undefined ? maxLengthTokens : Number(values['max-length']);
    const isWrong =
      name === undefined ||
      more.length > 0 ||
      (values.variant !== undefined && variant === undefined) ||
      !(length >= 8);
    if (isWrong || !Number.isInteger(length)) return undefined;
    return { name, operand, options: pullOptions(values, { variant, length }) };
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

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const message = error instanceof Error ? error.message : 'failed for an unknown reason';
    process.stderr.write(`model: ${error instanceof ConfigError ? message : `failed: ${message}`}\n`);
    process.exit(1);
  },
);
