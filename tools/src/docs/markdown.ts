/** Escapes a text for a table cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** A table. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text in code font; an empty one stays empty. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** A generated page: title, a note about its origin, paragraphs and tables. */
export function page(title: string, blocks: string[]): string {
  const note = '<!-- Generated from the code by `npm run docs`. Changes made here are lost. -->';
  return `${[`# ${title}`, note, ...blocks].join('\n\n')}\n`;
}
