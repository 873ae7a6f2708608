import { median } from '../bench/statistics';
import type { Outcome, Verdict } from './judge';

/** How often each thing happened; the five outcomes add up to `asked`. */
export type Counts = Record<'asked' | Outcome, number>;

/** What one kind of fault did. */
export interface Row extends Counts {
  label: string;
  faults: number;
  /** Refusals after whose `Retry-After` the same request was sent again, and how many of these were taken then. */
  triedAgain: number;
  held: number;
  /** 504s, which are among the refused. */
  late: number;
  recoveries: readonly Recovery[];
}

/** How soon a fleet was well after a fault; Infinity where that took more than a minute. */
interface Recovery {
  /** Until every gateway gave a right answer to a request that was sent after the fault. */
  rightMs: number;
  /** Until every request that was under way when the fault began had its outcome. */
  settledMs: number;
}

/** Counts what became of requests, by the fault that was under way. */
export interface Tally {
  /** Counts a request; a number that is there already only gets another outcome. */
  record(number: number, label: string, verdict: Verdict): void;
  /** Whether the fleet took a request that it had refused, when it came back after `Retry-After`. */
  recordReturn(label: string, wasTaken: boolean): void;
  recordRecovery(label: string, recovery: Recovery): void;
  total(): Counts;
  rows(): Row[];
  /** Up to ten sentences about requests that were not answered as they must be. */
  complaints(): readonly string[];
}

const complaintLimit = 10;

interface Counted {
  label: string;
  outcome: Outcome;
  isLate: boolean;
}

/** A tally of nothing so far. */
export function createTally(): Tally {
  const outcomes = new Map<number, Counted>();
  const returns: { label: string; wasTaken: boolean }[] = [];
  const recoveries: { label: string; recovery: Recovery }[] = [];
  const labels = new Set<string>();
  const complaints: string[] = [];
  const rowOf = (label: string): Row => {
    const during = <T extends { label: string }>(all: Iterable<T>) => [...all].filter((each) => each.label === label);
    const own = during(outcomes.values());
    const back = during(returns);
    return {
      label,
      ...countOf(own),
      late: own.filter(({ isLate }) => isLate).length,
      faults: during(recoveries).length,
      triedAgain: back.length,
      held: back.filter(({ wasTaken }) => wasTaken).length,
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
    recordReturn(label, wasTaken) {
      returns.push({ label, wasTaken });
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

const columns = ['fault', 'times', 'asked', 'right', 'refused', 'of it 504', 'retry held']
  .concat(['wrong', 'lost', 'twice'])
  .concat(['well again', 'worst', 'all settled', 'worst']);

/** The table: a line for its head and one for each kind of fault. */
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

/** Whether nothing happened that must not. */
export function isClean({ wrong, lost, twice }: Counts): boolean {
  return wrong + lost + twice === 0;
}

/** The last line of the command. */
export function lastLine({ asked, right, refused, wrong, lost, twice }: Counts): string {
  return `chaos: asked ${asked}, right ${right}, refused ${refused}, wrong ${wrong}, lost ${lost}, twice ${twice}`;
}
