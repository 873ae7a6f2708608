import { createHash } from 'node:crypto';
import type { Result } from '@rerank-fleet/contract';
import type { HubFile } from './hub-file';

/** The result of comparing a file's content with the checksum that the hub states. */
export type Verdict = Result<{ sha256: string }, { found: string; wanted: string }>;

/** An incremental checksum of a file's bytes. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Completes the checksum and compares it. `found` and `wanted` include the kind of checksum. */
  verdict(): Verdict;
}

/** Whether the hub states a checksum of the file. Without one, only the size can be checked. */
export function isStated({ sha256, gitSha1 }: { sha256?: string | undefined; gitSha1?: string | undefined }): boolean {
  return sha256 !== undefined || gitSha1 !== undefined;
}

/** Starts the checksums of a file: always SHA-256, and git's SHA-1 if the hub states only that one. */
export function startChecksum({ sizeBytes, sha256, gitSha1 }: HubFile): Checksum {
  const content = createHash('sha256');
  // A second checksum would double the cost for files of gigabytes. Those are in LFS and have a SHA-256.
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
