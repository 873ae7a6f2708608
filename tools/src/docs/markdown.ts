/** Text that is safe in a table's cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** A table with a line for each row. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text in code font; an empty one stays empty. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

/** A generated page: title, the note that says where it comes from, paragraphs and tables. */
export function page(title: string, blocks: string[]): string {
  const note = '<!-- Generated from the code by `npm run docs`. Changes made here are lost. -->';
  return `${[`# ${title}`, note, ...blocks].join('\n\n')}\n`;
}
