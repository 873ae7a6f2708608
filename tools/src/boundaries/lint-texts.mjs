// Reads [{file, text}] as JSON from standard input and prints the messages of the import rules for each file. The files
// need not exist on disk. This is a separate process, because jest cannot load an ESLint configuration.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createProjectGraphAsync } from '@nx/devkit';
import { ESLint } from 'eslint';

const rules = ['@nx/enforce-module-boundaries', '@typescript-eslint/no-restricted-imports'];

// the first rule reads Nx' project graph from disk, even if it is old; without a graph it checks nothing
process.env.NX_DAEMON = 'false';
await createProjectGraphAsync();

const eslint = new ESLint({ cwd: fileURLToPath(new URL('../../..', import.meta.url)) });
const answers = [];
for (const { file, text } of JSON.parse(readFileSync(0, 'utf8'))) {
  const [result] = await eslint.lintText(text, { filePath: file });
  const messages = result?.messages ?? [];
  const broken = messages.filter(({ fatal }) => fatal);
  if (!result || broken.length > 0) throw new Error(`${file} could not be linted: ${broken[0]?.message ?? 'ignored'}`);
  answers.push(messages.filter(({ ruleId }) => rules.includes(ruleId)).map(({ message }) => message));
}
process.stdout.write(`\n${JSON.stringify(answers)}\n`);
