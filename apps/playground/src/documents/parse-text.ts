/** How a text holds documents: one a line, or blocks with blank lines between them. */
export type TextLayout = 'lines' | 'blocks';

const lineBreak = /\r\n|\r|\n/;

/** Proposes a layout: blocks, when blank lines separate paragraphs of which one has several lines. */
export function detectLayout(text: string): TextLayout {
  const blocks = parseText(text, 'blocks');
  return blocks.length > 1 && blocks.some((block) => block.includes('\n')) ? 'blocks' : 'lines';
}

/** The documents of a text. Blank ones are left out, white space at their ends too; a block keeps its line breaks. */
export function parseText(text: string, layout: TextLayout): string[] {
  const lines = text.split(lineBreak);
  const documents = layout === 'lines' ? lines : blocksOf(lines);
  return documents.map((document) => document.trimEnd()).filter((document) => document !== '');
}

/** Documents as a text for the box. */
export interface DocumentsText {
  text: string;
  layout: TextLayout;
  /** False when reading the text back gives other documents, as with blank lines within one. */
  isExact: boolean;
}

/** The inverse of {@link parseText}: lines where no document has line breaks, else blocks. */
export function formatText(documents: readonly string[]): DocumentsText {
  const layout = documents.some((document) => lineBreak.test(document)) ? 'blocks' : 'lines';
  const text = documents.join(layout === 'lines' ? '\n' : '\n\n');
  const back = parseText(text, layout);
  const isExact = back.length === documents.length && back.every((document, place) => document === documents[place]);
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
