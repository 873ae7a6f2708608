import { switchOffTelemetry } from '@rerank-fleet/model-runtime';
import { failureLine, parseConfig } from '@rerank-fleet/service-shell';
import { endOnSignals } from '../command/command';
import { parseCommand, usage, type Command } from './command-line';
import { add, inspect, list, pull, remove, verify, type CommandContext, type ExitCode } from './commands';
import { modelToolSchema } from './config';

/** A download ends sooner, with a line. A model that is written or measured stays in its staging folder. */
const stopGraceMs = 1_000;

async function main(args: string[]): Promise<number> {
  const command = parseCommand(args);
  if (command === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  switchOffTelemetry(process.env);
  const { stdout, stderr } = process;
  const config = parseConfig(modelToolSchema, process.env);
  return run({ config, terminal: { stdout, stderr, signal: endOnSignals(stopGraceMs) } }, command);
}

function run(context: CommandContext, command: Command): Promise<ExitCode> {
  switch (command.name) {
    case 'list':
      return list(context);
    case 'pull':
      return pull(context, command.operand, command.options);
    case 'add':
      return add(context, command.operand, command.options);
    case 'inspect':
      return inspect(context, command.operand);
    case 'verify':
      return verify(context, command.operand, command.options);
    case 'remove':
      return remove(context, command.operand);
    default:
      return command satisfies never;
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`model: ${failureLine(error, 'failed')}\n`);
    process.exit(1);
  },
);
