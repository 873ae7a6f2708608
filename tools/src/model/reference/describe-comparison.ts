import type { Comparison, Difference } from './compare';

const maxExcerptCharacters = 30;

/** The lines about a comparison: one per difference, then a summary. */
export function describeComparison(label: string, { rows, cutRows, differences, scores }: Comparison): string[] {
  const cut = cutRows === 0 ? '' : `; ${cutRows} truncated rows were not compared`;
  const known = differences.filter((one) => one.known !== undefined).length;
  return [
    ...differences.map((one) => `${label}: ${describeDifference(one)}`),
    `${label}: ${rows} rows compared with transformers.js: ${differences.length - known} differences and ${known} known differences${cut}`,
    scores.kind === 'compared'
      ? `${label}: largest score difference with the same ids ${scores.largest.toPrecision(2)}`
      : `${label}: its scores were not compared: ${scores.reason}`,
  ];
}

function describeDifference({ index, document, known, what }: Difference): string {
  const text = `text ${index} ${excerpt(document)}`;
  return `${text}: ${describeWhat(what)}${known === undefined ? '' : ` (known: ${known})`}`;
}

function describeWhat(what: Difference['what']): string {
  switch (what.kind) {
    case 'ids':
      return `token ${what.position} is ${what.ours ?? 'absent'}, in transformers.js ${what.theirs ?? 'absent'}`;
    case 'score':
      return `score ${what.ours.toFixed(6)}, in transformers.js ${what.theirs.toFixed(6)}`;
    case 'failure':
      return 'transformers.js fails';
    default:
      return what satisfies never;
  }
}

/** The start of a text in escaped ASCII: similar characters can be distinguished, and none controls the terminal. */
function excerpt(text: string): string {
  const start = JSON.stringify(text.slice(0, maxExcerptCharacters));
  const escaped = start.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return text.length > maxExcerptCharacters ? `${escaped}...` : escaped;
}
