import { copyFile, readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Result } from '@rerank-fleet/contract';
import { downloadFile, type DownloadOptions } from './hub/download';
import { progressOf, type ProgressOptions } from './hub/progress';
import type { HubOptions, HubRepository } from './hub/repository';

/** A place from which the files of a model are fetched: a repository of a hub, or a folder. */
export interface ModelSource {
  /** For messages: `owner/name` or a folder. */
  label: string;
  /** The commit of the files; undefined for a folder, whose files can change at any time. */
  commit: string | undefined;
  date: Date;
  licence: string | undefined;
  files: readonly { path: string; sizeBytes: number }[];
  /** The folder that has the files already, if there is one. */
  folder?: string;
  /** Fetches one of the files to `target` and checks it. The message of a failure is one line. */
  fetch(path: string, target: string): Promise<Result<unknown, { message: string }>>;
}

export interface HubSourceOptions extends HubOptions {
  stream: ProgressOptions['stream'];
  /** Overrides for downloads, for tests. */
  download?: Pick<DownloadOptions, 'retryWaitMs' | 'openFile'> | undefined;
}

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
      const { stream, download } = options;
      const progress = progressOf({ stream, totalBytes: file.sizeBytes, label: path });
      try {
        return await downloadFile(file, target, {
          ...options,
          ...download,
          repo,
          commit,
          ...(progress && { onProgress: progress.update }),
        });
      } finally {
        progress?.end();
      }
    },
  };
}

/** The files of a folder on this machine. */
export async function folderSource(folder: string, licence: string | undefined): Promise<ModelSource> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  // The caches of other programs contain symbolic links to the files.
  const found = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const info = await stat(path).catch(() => undefined);
      if (!info?.isFile()) return [];
      return [{ path: relative(folder, path).split(sep).join('/'), sizeBytes: info.size }];
    });
  const files = (await Promise.all(found)).flat().sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    label: folder,
    commit: undefined,
    date: new Date(),
    licence,
    files,
    folder,
    async fetch(path, target) {
      const from = join(folder, path);
      try {
        await copyFile(from, target);
        return { ok: true };
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
        return { ok: false, message: `${from} cannot be copied to ${target} (${code})` };
      }
    },
  };
}
