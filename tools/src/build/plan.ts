import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesUnder, subfolders } from './stamp';

/** One bundle. `entry` is relative to the repository, the output to the build folder. */
export interface Bundle {
  entry: string;
  output: string;
}

/** Files that a bundle needs next to it, because they cannot be bundled. */
export interface Copy {
  /** Source folder in the repository. */
  from: string;
  /** Files or folders in the source folder. */
  paths: string[];
  /** Target folder in the build. */
  to: string;
}

/** A web page: the folder of its Vite project, and the folder in the build from which it is served. */
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
 * npm packages that are not bundled: native code, packages that locate their own files, and transformers.js, which
 * `model verify --reference` loads where a checkout has it.
 */
export const externalPackages = ['onnxruntime-node', 'swagger-ui-dist', '@bull-board/ui', '@huggingface/transformers'];

/** Additional files of each app. */
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

/** The bundles of an app: `src/main.ts`, and one per `*-thread.ts`, the entry points of worker threads. */
function bundlesOf(root: string, folder: string): Bundle[] {
  const threads = filesUnder(join(root, folder, 'src')).filter((path) => path.endsWith('-thread.ts'));
  return [join(root, folder, 'src/main.ts'), ...threads].map((path) => ({
    entry: path,
    output: `${folder}/${basename(path, '.ts')}.js`,
  }));
}

/** The plan of a build: the bundles of each app, its page, and the launcher. */
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
