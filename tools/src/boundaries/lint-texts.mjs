// Reads [{file, text}] as JSON from standard input and prints, for each, the messages of the rules about imports.
// Nothing of it has to exist on disk. A process of its own, because jest cannot load an ESLint configuration.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createProjectGraphAsync } from '@nx/devkit';
import { ESLint } from 'eslint';

const rules = ['@nx/enforce-module-boundaries', '@typescript-eslint/no-restricted-imports'];

// the first reads the project graph that Nx keeps on disk, however old; without one it checks nothing
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
