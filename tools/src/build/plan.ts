import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesUnder, subfolders } from './stamp';

/** One bundle to make. Paths are relative to the repository and to the build's folder. */
export interface Bundle {
  entry: string;
  output: string;
}

/** Files that a bundle needs beside it, because they cannot be part of it. */
export interface Copy {
  /** Folder of the repository that the files come from. */
  from: string;
  /** Paths inside it, files or folders. */
  paths: string[];
  /** Folder inside the build. */
  to: string;
}

/** A web page to make: the folder of its Vite project, and the folder of the build that serves it. */
export interface Page {
  folder: string;
  to: string;
}

export interface BuildPlan {
  bundles: Bundle[];
  pages: Page[];
  copies: Copy[];
}

const swaggerUiFiles = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'favicon-16x16.png',
  'favicon-32x32.png',
  'LICENSE',
];

/**
 * npm packages that stay outside every bundle: native code, files that are found by their place in a package, and
 * transformers.js, which `model verify --reference` loads where a checkout has it.
 */
export const externalPackages = ['onnxruntime-node', 'swagger-ui-dist', '@bull-board/ui', '@huggingface/transformers'];

/** What each app needs beside its bundles. */
function copiesOf(app: string): Copy[] {
  const to = `apps/${app}`;
  switch (app) {
    case 'gateway':
      return [{ from: 'node_modules/swagger-ui-dist', paths: swaggerUiFiles, to: `${to}/swagger-ui` }];
    case 'worker':
      return [
        {
          from: 'node_modules/onnxruntime-node',
          paths: ['package.json', 'dist', `bin/napi-v6/${process.platform}/${process.arch}`],
          to: `${to}/node_modules/onnxruntime-node`,
        },
        {
          from: 'node_modules/onnxruntime-common',
          paths: ['package.json', 'dist'],
          to: `${to}/node_modules/onnxruntime-common`,
        },
      ];
    case 'quality-probe':
      return [{ from: 'apps/quality-probe', paths: ['golden'], to }];
    case 'queue-board':
      return [{ from: 'node_modules/@bull-board/ui', paths: ['package.json', 'dist'], to: `${to}/bull-board-ui` }];
    default:
      return [];
  }
}

/** Folders of the projects under `apps` that have a tag. */
function appsTagged(root: string, tag: 'type:app' | 'type:page'): string[] {
  return subfolders(join(root, 'apps')).filter((app) => {
    const file = join(root, 'apps', app, 'package.json');
    if (!existsSync(file)) return false;
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as { nx?: { tags?: string[] } };
    return manifest.nx?.tags?.includes(tag) ?? false;
  });
}

/** An app's bundles: `src/main.ts`, and one for each `*-thread.ts`, which worker threads start from. */
function bundlesOf(root: string, folder: string): Bundle[] {
  const threads = filesUnder(join(root, folder, 'src')).filter((path) => path.endsWith('-thread.ts'));
  return [join(root, folder, 'src/main.ts'), ...threads].map((path) => ({
    entry: path,
    output: `${folder}/${basename(path, '.ts')}.js`,
  }));
}

/** Everything that a build of the repository makes: each app by its entry points, its page, and the launcher. */
export function planBuild(root: string): BuildPlan {
  const apps = appsTagged(root, 'type:app');
  return {
    bundles: [
      ...apps.flatMap((app) => bundlesOf(root, `apps/${app}`)),
      { entry: join(root, 'tools/src/up/main.ts'), output: 'tools/up.js' },
      { entry: join(root, 'tools/src/model/main.ts'), output: 'tools/model.js' },
    ],
    pages: appsTagged(root, 'type:page').map((page) => ({ folder: `apps/${page}`, to: `apps/gateway/${page}` })),
    copies: apps.flatMap(copiesOf),
  };
}
