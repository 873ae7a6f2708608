import type { z } from 'zod';
import type { FieldFacts } from './config-facts';
import { configFacts } from './config-facts';

/** The environment is not valid. The message has one line per variable, and no value of any of them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** @param problems one line per variable: its name, the problem, the allowed values */
  constructor(readonly problems: readonly string[]) {
    super(['The configuration cannot be used:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/** One row of the configuration reference page. */
export interface ConfigDescription {
  variable: string;
  /** The allowed values, as text. */
  type: string;
  /** As written in the environment; undefined if there is none. */
  default: string | undefined;
  required: boolean;
  secret: boolean;
  description: string;
}

/**
 * Reads an application's configuration from an environment. A variable that is set to an empty text counts as not set,
 * because Compose files write it so.
 *
 * @param schema an object of variables, optionally followed by refinements and a transform
 * @throws ConfigError that names every invalid variable
 */
export function parseConfig<S extends z.ZodType>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): z.output<S> {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(set);
  if (result.success) return result.data;
  const facts = configFacts(schema);
  throw new ConfigError(result.error.issues.map((issue) => problemOf(issue, facts, set)));
}

/** The variables of a schema as plain data, in the schema's order, for generated documentation. */
export function describeConfig(schema: z.ZodType): ConfigDescription[] {
  return configFacts(schema).map((facts) => ({
    variable: facts.variable,
    type: facts.allowed ?? facts.zodType,
    default: facts.default,
    required: facts.required,
    secret: facts.holds === 'secret',
    description: facts.description ?? '',
  }));
}

/**
 * Rule for the tests of every application: a variable with a name that suggests a secret must be declared as one.
 * Numbers and flags are exempt, so that `BATCH_TOKENS` may be a number.
 *
 * @throws Error that names the variables which break the rule
 */
export function assertSecretsAreTyped(schema: z.ZodType): void {
  const bare = configFacts(schema).filter(
    ({ variable, holds }) => /KEY|TOKEN|SECRET|PASSWORD/i.test(variable) && (holds === undefined || holds === 'text'),
  );
  if (bare.length > 0)
    throw new Error(`not declared with secret(): ${bare.map(({ variable }) => variable).join(', ')}`);
}

function problemOf(issue: z.core.$ZodIssue, facts: FieldFacts[], set: Record<string, unknown>): string {
  const variable = String(issue.path[0] ?? 'configuration');
  const field = facts.find((candidate) => candidate.variable === variable);
  const allowed = field?.allowed === undefined ? '' : ` (allowed: ${field.allowed})`;
  if (field !== undefined && !(variable in set) && issue.code !== 'custom') return `${variable}: is not set${allowed}`;
  return `${variable}: ${whatIsWrong(issue, field)}${allowed}`;
}

/** The schema's own message if there is one; zod's only for a field without one, and never for a secret. */
function whatIsWrong(issue: z.core.$ZodIssue, field: FieldFacts | undefined): string {
  if (issue.code === 'custom') return issue.message;
  return field?.allowed === undefined && field?.holds !== 'secret' ? issue.message : 'is not allowed';
}
