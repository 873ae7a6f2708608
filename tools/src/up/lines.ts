import { table } from '../command/table';

/** The lines that up.sh prints. Scripts rely on `process` and `ready`. */

/** `process <app> <pid> <url> [<ops url>]`; `pid` is the process itself, never a shell around it. */
export function processLine(app: string, pid: number, urls: string[]): string {
  return ['process', app, pid, ...urls].join(' ');
}

/** `ready <url>`: the gateway answers at this URL, and every worker has warmed up its model. */
export function readyLine(gatewayUrl: string): string {
  return `ready ${gatewayUrl}`;
}

/** One document with its relevance score in [0, 1]. */
export interface RankedText {
  score: number;
  text: string;
}

/** The query, followed by one line `1. <score> <document>` per document, in the given order (best first). */
export function rankingLines(query: string, ranked: RankedText[]): string[] {
  return ['', `query: ${query}`, ...ranked.map(({ score, text }, i) => `${i + 1}. ${score.toFixed(4)} ${text}`)];
}

/** A table of two aligned columns. */
export function tableLines(rows: [name: string, value: string][]): string[] {
  return table(rows).map((line) => `  ${line}`);
}

/** How a child ended, as Node reports it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** `exit code 3` or `SIGKILL`. */
export function exitText({ code, signal }: Exit): string {
  return signal ?? `exit code ${code}`;
}

/** Lines about a child that ended unexpectedly: name, exit, path of its log and the last lines of the log. */
export function deathLines(child: { name: string; pid: number; logPath: string }, exit: Exit, log: string): string[] {
  const tail = lastLines(log, 5).map((line) => `  | ${line}`);
  return [`died: ${child.name} (pid ${child.pid}) ended by ${exitText(exit)}; log: ${child.logPath}`, ...tail];
}

/** The last lines of a text that are not blank. */
export function lastLines(text: string, count: number): string[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
}
