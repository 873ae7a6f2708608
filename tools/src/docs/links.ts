import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const notOurs = new Set(['node_modules', 'dist', '.git', '.nx']);

/** The broken relative links and anchors of the Markdown files below a folder, as `<file>: <link>`. */
export async function brokenLinks(root: string): Promise<string[]> {
  const files = await markdownFiles(root);
  const texts = new Map(await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const)));
  return files.flatMap((file) =>
    links(texts.get(file) as string)
      .filter((link) => !leadsSomewhere(link, file, texts))
      .map((link) => `${relative(root, file)}: ${link}`),
  );
}

async function markdownFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries
    .filter(({ name }) => !notOurs.has(name))
    .map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return markdownFiles(path);
      return entry.isFile() && entry.name.endsWith('.md') ? [path] : [];
    });
  return (await Promise.all(found)).flat().sort();
}

function leadsSomewhere(link: string, file: string, texts: ReadonlyMap<string, string>): boolean {
  const [path = '', anchor] = link.split('#', 2);
  const target = path === '' ? file : join(dirname(file), decodeURIComponent(path));
  const text = texts.get(target);
  if (anchor === undefined || text === undefined) return existsSync(target);
  return anchors(text).has(decodeURIComponent(anchor));
}

/** Targets of links, images and reference definitions, except those with a scheme. */
function links(text: string): string[] {
  const prose = withoutFences(text).replace(/(`+)[^`][\s\S]*?\1/g, '');
  const found = [...prose.matchAll(/\]\(\s*<?([^()\s>]+)/g), ...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm)];
  return found.map(([, target]) => target as string).filter((target) => !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target));
}

/** The ids that GitHub gives to headings. A repeated title gets a number. */
function anchors(text: string): Set<string> {
  const seen = new Map<string, number>();
  const ids = [...withoutFences(text).matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*$/gm)].map(([, title]) => {
    const id = slug(title as string);
    const count = seen.get(id) ?? 0;
    seen.set(id, count + 1);
    return count === 0 ? id : `${id}-${count}`;
  });
  const written = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id]) => id as string);
  return new Set([...ids, ...written]);
}

function slug(title: string): string {
  return title
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}

function withoutFences(text: string): string {
  return text.replace(/^ {0,3}(`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\1[`~]*\s*$|(?![\s\S]))/gm, '');
}
