import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const licenceFile = /^(licen[cs]e|copying)/i;

/**
 * The names, versions and licences of the npm packages in a bundle, as Markdown.
 *
 * @param inputs paths of the bundled files, relative to the repository
 * @throws when a package states no licence
 */
export async function licencesOf(root: string, inputs: readonly string[]): Promise<string> {
  const folders = new Set(inputs.flatMap((input) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []));
  const texts = await Promise.all([...folders].sort().map((folder) => licenceOf(join(root, folder))));
  return ['# Licences of the packages in this program', ...texts].join('\n\n') + '\n';
}

async function licenceOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Partial<Record<string, string>>;
  const { name, version, license } = manifest;
  if (typeof license !== 'string') throw new Error(`${folder} does not state its licence`);
  const files = (await readdir(folder)).filter((file) => licenceFile.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return [`## ${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join('\n\n');
}
