import { tableLines } from '../up/lines';

/** Uncompressed sizes of an image, in bytes. */
export interface ImageSize {
  name: string;
  total: number;
  /** `/app`. */
  app: number;
  /** `/models`; 0 if there is none. */
  models: number;
}

/** A table of sizes in MB (1,000,000 bytes), with the size above that of the base. */
export function sizeLines(sizes: readonly ImageSize[]): string[] {
  const rows = sizes.map(({ name, total, app, models }): [string, string] => [
    name,
    [total, app, models, total - app - models].map((bytes) => megabytes(bytes).padStart(8)).join(''),
  ]);
  const titles = ['image', 'app', 'models', 'base'].map((title) => title.padStart(8)).join('');
  return tableLines([['MB, uncompressed', titles], ...rows]);
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1);
}
