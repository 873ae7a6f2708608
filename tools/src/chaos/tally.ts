import { median } from '../bench/statistics';
import type { Outcome, Verdict } from './judge';

/** Number of requests per outcome. The five outcomes add up to `asked`. */
export type Counts = Record<'asked' | Outcome, number>;

/** Results of one kind of fault. */
export interface Row extends Counts {
  label: string;
  faults: number;
  /** Requests that were sent again after `Retry-After`, and how many of them were then accepted. */
  triedAgain: number;
  held: number;
  /** Refusals with 504. */
  late: number;
  recoveries: readonly Recovery[];
}

/** How soon a fleet recovered from a fault; Infinity if it took more than a minute. */
interface Recovery {
  /** Time until every gateway gave a right answer to a request that was sent after the fault. */
  rightMs: number;
  /** Time until every request that was in progress when the fault began had its outcome. */
  settledMs: number;
}

/** Counts the outcomes of requests per fault. */
export interface Tally {
  /** Counts a request. If its number is already counted, only the outcome is replaced. */
  record(number: number, label: string, verdict: Verdict): void;
  /** Records whether the fleet accepted a refused request when it was sent again after `Retry-After`. */
  recordRetry(label: string, wasAccepted: boolean): void;
  recordRecovery(label: string, recovery: Recovery): void;
  total(): Counts;
  rows(): Row[];
  /** Up to ten descriptions of requests with a bad outcome. */
  complaints(): readonly string[];
}

const complaintLimit = 10;

interface Counted {
  label: string;
  outcome: Outcome;
  isLate: boolean;
}

/** An empty tally. */
export function createTally(): Tally {
  const outcomes = new Map<number, Counted>();
  const retries: { label: string; wasAccepted: boolean }[] = [];
  const recoveries: { label: string; recovery: Recovery }[] = [];
  const labels = new Set<string>();
  const complaints: string[] = [];
  const rowOf = (label: string): Row => {
    const during = <T extends { label: string }>(all: Iterable<T>) => [...all].filter((each) => each.label === label);
    const own = during(outcomes.values());
    const retried = during(retries);
    return {
      label,
      ...countOf(own),
      late: own.filter(({ isLate }) => isLate).length,
      faults: during(recoveries).length,
      triedAgain: retried.length,
      held: retried.filter(({ wasAccepted }) => wasAccepted).length,
      recoveries: during(recoveries).map(({ recovery }) => recovery),
    };
  };
  return {
    record(number, during, { outcome, reason, isLate = false }) {
      const label = outcomes.get(number)?.label ?? during;
      labels.add(label);
      outcomes.set(number, { label, outcome, isLate });
      const isBad = outcome !== 'right' && outcome !== 'refused';
      if (isBad && complaints.length < complaintLimit) complaints.push(`${outcome} during ${label}: ${reason ?? ''}`);
    },
    recordRetry(label, wasAccepted) {
      retries.push({ label, wasAccepted });
    },
    recordRecovery(label, recovery) {
      labels.add(label);
      recoveries.push({ label, recovery });
    },
    total: () => countOf([...outcomes.values()]),
    rows: () => [...labels].map(rowOf),
    complaints: () => complaints,
  };
}

function countOf(outcomes: readonly { outcome: Outcome }[]): Counts {
  const counts: Counts = { asked: outcomes.length, right: 0, refused: 0, wrong: 0, lost: 0, twice: 0 };
  for (const { outcome } of outcomes) counts[outcome]++;
  return counts;
}

const columns = ['fault', 'times', 'asked', 'right', 'refused', 'of which 504', 'retry held']
  .concat(['wrong', 'lost', 'twice'])
  .concat(['recovered', 'worst', 'all settled', 'worst']);

/** The table: a header line and one line per kind of fault. */
export function tableLines(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [
    ...[row.label, row.faults, row.asked, row.right, row.refused, row.late, `${row.held}/${row.triedAgain}`],
    ...[row.wrong, row.lost, row.twice],
    ...medianAndWorst(row.recoveries.map(({ rightMs }) => rightMs)),
    ...medianAndWorst(row.recoveries.map(({ settledMs }) => settledMs)),
  ]);
  const table = [columns, ...cells].map((line) => line.map(String));
  const widths = columns.map((_, at) => Math.max(...table.map((line) => line[at]?.length ?? 0)));
  const padded = (cell: string, at: number) =>
    at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return table.map((line) => line.map(padded).join('  '));
}

function medianAndWorst(timesMs: readonly number[]): [string, string] {
  if (timesMs.length === 0) return ['-', '-'];
  return [inSeconds(median(timesMs)), inSeconds(Math.max(...timesMs))];
}

/** `1.25 s`, or `never`. */
export function inSeconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(2)} s` : 'never';
}

/** Whether all outcomes are right or refused. */
export function isClean({ wrong, lost, twice }: Counts): boolean {
  return wrong + lost + twice === 0;
}

/** The counts for the last line of a command. */
export function countsText({ asked, right, refused, wrong, lost, twice }: Counts): string {
  return `asked ${asked}, right ${right}, refused ${refused}, wrong ${wrong}, lost ${lost}, twice ${twice}`;
}
