import { copyFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadFile } from './hub/download';
import { createProgress } from './hub/progress';
import type { HubOptions, HubRepository } from './hub/repository';

/** Where the files of a model come from. */
export interface ModelSource {
  /** For people: `owner/name` or a folder. */
  label: string;
  /** What its files are at: a commit, or nothing where files can change at any time. */
  commit: string | undefined;
  date: Date;
  licence: string | undefined;
  files: readonly { path: string; sizeBytes: number }[];
  /** Brings one of the files to `target`, checked. The message of a failure is one line. */
  fetch(path: string, target: string): Promise<{ ok: true } | { ok: false; message: string }>;
}

export interface HubSourceOptions extends HubOptions {
  stream: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;
}

/** Below this a file is there before a bar could be read. */
const progressFromBytes = 2_000_000;

/** The files of one revision of a repository. */
export function hubSource(repository: HubRepository, options: HubSourceOptions): ModelSource {
  const { repo, commit, lastModified, licence, files } = repository;
  return {
    label: repo,
    commit,
    date: lastModified,
    licence,
    files,
    async fetch(path, target) {
      const file = files.find((one) => one.path === path);
      if (file === undefined) return { ok: false, message: `${repo} has no file ${path}` };
      const { stream } = options;
      const progress =
        file.sizeBytes < progressFromBytes
          ? undefined
          : createProgress({ stream, now: () => performance.now(), totalBytes: file.sizeBytes, label: path });
      const downloaded = await downloadFile(file, target, {
        ...options,
        repo,
        commit,
        ...(progress && { onProgress: progress.update }),
      });
      progress?.end();
      return downloaded;
    },
  };
}

/** The files of a folder on this machine. */
export async function folderSource(folder: string, licence: string | undefined): Promise<ModelSource> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size } = await stat(path);
      return {
        path: path
          .slice(folder.length)
          .replace(/^[/\\]+/, '')
          .replaceAll('\\', '/'),
        sizeBytes: size,
      };
    });
  return {
    label: folder,
    commit: undefined,
    date: new Date(),
    licence,
    files: await Promise.all(files),
    async fetch(path, target) {
      await copyFile(join(folder, path), target);
      return { ok: true };
    },
  };
}
