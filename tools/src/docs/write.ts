import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeCatalogue } from '@rerank-fleet/metrics';
import { describeConfig } from '@rerank-fleet/service-shell';
import { upSchema } from '../up/config';
import { readReferences } from './app-reference';
import { referencePages } from './pages';
import { readProjectGraph } from './project-graph';

const folder = 'docs/reference';

/** The pages that the code generates: file name -> content. */
async function currentPages(root: string): Promise<Map<string, string>> {
  const launcher = describeConfig(upSchema);
  const projects = await readProjectGraph(root);
  return referencePages({ metrics: describeCatalogue(), launcher, projects, ...(await readReferences(root)) });
}

/** Paths, relative to the repository, of the pages that differ from the code. */
export async function stalePages(root: string): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, content] of await currentPages(root)) {
    const onDisk = await readFile(join(root, folder, name), 'utf8').catch(() => undefined);
    if (onDisk !== content) stale.push(`${folder}/${name}`);
  }
  return stale;
}

/** Writes all pages. */
export async function writePages(root: string): Promise<void> {
  await mkdir(join(root, folder), { recursive: true });
  for (const [name, content] of await currentPages(root)) await writeFile(join(root, folder, name), content);
}
