/** One file of a repository. It has one of the two checksums, or none where the hub states none. */
export interface HubFile {
  /** Relative to the repository, with forward slashes; never leaves it. */
  path: string;
  sizeBytes: number;
  /** Of a file in Git LFS: its content, 64 hexadecimal digits. */
  sha256?: string;
  /** Of any other file: SHA-1 of `blob <size>`, a NUL and the content, as git names it. */
  gitSha1?: string;
}

/** A file as far as the hub has told about it. */
export type KnownFile = Pick<HubFile, 'path'> & Partial<HubFile>;

/** Whether a text is a SHA-1 in hexadecimal digits. */
export const isSha1 = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** Whether a text is a SHA-256 in hexadecimal digits. */
export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
