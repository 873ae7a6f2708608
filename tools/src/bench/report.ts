import { table } from '../command/table';
import type { Machine } from './machine';
import type { Result } from './result';

/** The output of `--json`. A figure without a baseline has neither `baseline` nor `ratio`. */
export interface Report {
  suite: string;
  /** Commit of the measured sources; ends with `+changes` when there were uncommitted changes. */
  commit: string;
  machine: Machine;
  results: Result[];
}

/** A figure with four significant digits, without an exponent. */
export function figure(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 12));
}

function row({ name, value, unit, baseline, ratio }: Result): string[] {
  return [
    name,
    figure(value),
    unit,
    baseline === undefined ? '' : figure(baseline),
    ratio === undefined ? '' : ratio.toFixed(2),
  ];
}

/** The printed table: the machine, then one line per figure. */
export function reportLines({ suite, commit, machine, results }: Report): string[] {
  const rows = [['name', 'value', 'unit', 'baseline', 'ratio'], ...results.map(row)];
  const vectors = machine.vectorExtensions.join(', ') || 'vector extensions unknown';
  return [
    `${suite} at ${commit}`,
    `${machine.processor} (${vectors}), ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`,
    ...table(rows),
  ];
}
