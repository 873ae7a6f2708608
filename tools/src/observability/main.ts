import { resolve } from 'node:path';
import { runCommand } from '../command/command';
import { staleFiles, writeGenerated } from './generated';
import { allQuestions, askAll, complaints } from './questions';

const usage = `usage: npm run observability [-- --check | -- --ask <url of a Prometheus>]

Writes the dashboards from code. --check writes nothing and fails when a file is out of date.
--ask sends every query of every panel and rule to a running Prometheus and fails when a query returns no data.`;

async function main(args: string[]): Promise<number> {
  const root = resolve(__dirname, '../../..');
  const [what, url] = args;
  if (what === undefined) {
    await writeGenerated(root);
    return 0;
  }
  if (what === '--check')
    return report(await staleFiles(root), (path) => `${path} is out of date; run npm run observability`);
  if (what === '--ask' && url !== undefined) return askFleet(root, url);
  console.error(usage);
  return 2;
}

async function askFleet(root: string, url: string): Promise<number> {
  const answers = await askAll(url, allQuestions(root));
  const excused = answers.filter(({ series, excuse }) => series === 0 && excuse !== undefined);
  for (const { asker, excuse } of excused) console.log(`${asker}: no data: ${excuse}`);
  console.log(`${answers.length} queries, ${answers.length - excused.length} of them must return data`);
  return report(complaints(answers), (complaint) => complaint);
}

/** Prints each fault. Returns the exit code. */
function report(faults: readonly string[], text: (fault: string) => string): number {
  for (const fault of faults) console.error(text(fault));
  return faults.length > 0 ? 1 : 0;
}

runCommand(() => main(process.argv.slice(2)));
