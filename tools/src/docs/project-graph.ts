import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { page } from './markdown';

const graphSchema = z.object({
  graph: z.object({
    nodes: z.record(z.string(), z.object({ data: z.object({ root: z.string() }) })),
    dependencies: z.record(z.string(), z.array(z.object({ target: z.string(), type: z.string() }))),
  }),
});

/** The projects of the repository by name, with their dependencies, as `nx graph` writes them. */
export type ProjectGraph = z.infer<typeof graphSchema>['graph'];

/** Reads the projects with `nx graph`; rejects if it fails. */
export async function readProjectGraph(root: string): Promise<ProjectGraph> {
  const folder = await mkdtemp(join(tmpdir(), 'project-graph-'));
  try {
    const file = join(folder, 'graph.json');
    const env = { ...process.env, NX_DAEMON: 'false' };
    await promisify(execFile)(join(root, 'node_modules/.bin/nx'), ['graph', `--file=${file}`], { cwd: root, env });
    return graphSchema.parse(JSON.parse(await readFile(file, 'utf8'))).graph;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The page with the projects as a Mermaid diagram: a box per folder, an arrow to each dependency of a project. */
export function projectsPage({ nodes, dependencies }: ProjectGraph): string {
  const short = (name: string) => name.replace(/^@.*\//, '');
  const names = Object.keys(nodes).sort();
  const folderOf = (name: string) => dirname(nodes[name]?.data.root ?? '').replace('.', 'repository');
  const boxes = [...new Set(names.map(folderOf))].flatMap((folder) => [
    `  subgraph ${folder}`,
    ...names.filter((name) => folderOf(name) === folder).map((name) => `    ${short(name)}`),
    '  end',
  ]);
  const arrows = names.flatMap((name) =>
    (dependencies[name] ?? [])
      .map(({ target, type }) => `  ${short(name)} ${type === 'implicit' ? '-.->' : '-->'} ${short(target)}`)
      .sort(),
  );
  return page('Projects', [
    'An arrow points to an imported project. A dotted arrow points to a project whose built program is started.',
    ['```mermaid', 'flowchart TD', ...boxes, ...arrows, '```'].join('\n'),
  ]);
}
