/** The two lists of the minimal gateway and worker. */
export const jobList = 'bench:jobs';
export const answerList = 'bench:answers';

/** An entry of either list: `<id> <text>`. */
export function entryOf(id: number, text: string): string {
  return `${id} ${text}`;
}

/** The parts of an entry. */
export function readEntry(entry: string): { id: number; text: string } {
  const end = entry.indexOf(' ');
  return { id: Number(entry.slice(0, end)), text: entry.slice(end + 1) };
}
