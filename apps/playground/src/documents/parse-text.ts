/** How a text separates documents: one per line, or blocks with blank lines between them. */
export type TextLayout = 'lines' | 'blocks';

const lineBreak = /\r\n|\r|\n/;

/** Proposes a layout: blocks if blank lines separate paragraphs and a paragraph has several lines. */
export function detectLayout(text: string): TextLayout {
  const blocks = parseText(text, 'blocks');
  return blocks.length > 1 && blocks.some((block) => block.includes('\n')) ? 'blocks' : 'lines';
}

/** The documents of a text, trimmed and without blank ones. A block keeps its line breaks. */
export function parseText(text: string, layout: TextLayout): string[] {
  const lines = text.split(lineBreak);
  const documents = layout === 'lines' ? lines : blocksOf(lines);
  return documents.map((document) => document.trimEnd()).filter((document) => document !== '');
}

/** Documents as a text for the box. */
export interface DocumentsText {
  text: string;
  layout: TextLayout;
  /** False if parsing the text gives other documents, such as for a document with blank lines. */
  isExact: boolean;
}

/** The inverse of {@link parseText}: lines if no document has line breaks, otherwise blocks. */
export function formatText(documents: readonly string[]): DocumentsText {
  const layout = documents.some((document) => lineBreak.test(document)) ? 'blocks' : 'lines';
  const text = documents.join(layout === 'lines' ? '\n' : '\n\n');
  const back = parseText(text, layout);
  const isExact =
    back.length === documents.length && back.every((document, position) => document === documents[position]);
  return { text, layout, isExact };
}

function blocksOf(lines: readonly string[]): string[] {
  const blocks: string[][] = [[]];
  for (const line of lines) {
    if (line.trim() === '') blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  return blocks.map((block) => block.join('\n'));
}
