/** One file of a repository. It has at most one of the two checksums, as the hub states it. */
export interface HubFile {
  /** Relative to the repository, with forward slashes; never leaves the repository. */
  path: string;
  sizeBytes: number;
  /** For a file in Git LFS: SHA-256 of its content, 64 hexadecimal digits. */
  sha256?: string;
  /** For any other file: the name of its git blob, the SHA-1 of `blob <size>`, a NUL and the content. */
  gitSha1?: string;
}

/** A file with the facts that the hub has stated so far. */
export type KnownFile = Pick<HubFile, 'path'> & Partial<HubFile>;

export const isSha1 = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
