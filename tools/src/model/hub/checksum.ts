import { createHash } from 'node:crypto';
import type { Result } from '@rerank-fleet/contract';
import type { HubFile } from './hub-file';

/** How a content compares with what the hub says. */
export type Verdict = Result<{ sha256: string }, { found: string; wanted: string }>;

/** A running checksum of a file's bytes. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Ends it. `found` and `wanted` say which checksum they are. */
  verdict(): Verdict;
}

/** Whether the hub states a checksum of the file, so that its bytes can be told from others of the same size. */
export function isStated({ sha256, gitSha1 }: { sha256?: string | undefined; gitSha1?: string | undefined }): boolean {
  return sha256 !== undefined || gitSha1 !== undefined;
}

/** Starts the checksums of a file: always SHA-256, and git's own where that is what the hub states. */
export function startChecksum({ sizeBytes, sha256, gitSha1 }: HubFile): Checksum {
  const content = createHash('sha256');
  // git would cost as much again on files of gigabytes, which are all in LFS
  const blob = sha256 === undefined && gitSha1 !== undefined ? createHash('sha1') : undefined;
  blob?.update(`blob ${sizeBytes}\0`);
  return {
    update(bytes) {
      content.update(bytes);
      blob?.update(bytes);
    },
    verdict() {
      const found = content.digest('hex');
      const [kind, compared, wanted] = blob
        ? ['git sha1', blob.digest('hex'), gitSha1]
        : ['sha256', found, sha256 ?? found];
      if (compared === wanted) return { ok: true, sha256: found };
      return { ok: false, found: `${kind} ${compared}`, wanted: `${kind} ${wanted}` };
    },
  };
}
