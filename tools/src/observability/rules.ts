import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { decidingQueries } from './promql';

/** A rule in Prometheus' file format: a recording rule has `record`, an alert has `alert`. */
export interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  for?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

const ruleFolder = 'deploy/prometheus/rules';

/** URL of the folder with the runbooks. */
export const runbookFolderUrl = 'https://github.com/rerank-fleet/rerank-fleet/blob/main/docs/runbooks';

/** Paths of the rule files that Prometheus loads, from the root of the repository. */
export function ruleFiles(root: string): string[] {
  return readdirSync(join(root, ruleFolder)).map((name) => `${ruleFolder}/${name}`);
}

/** Every rule that Prometheus loads. promtool checks the format of the files. */
export function readRules(root: string): Rule[] {
  return ruleFiles(root).flatMap((path) => {
    const file = parse(readFileSync(join(root, path), 'utf8')) as { groups: { rules: Rule[] }[] };
    return file.groups.flatMap(({ rules }) => rules);
  });
}

/** Names of the series that the recording rules write. */
export function recordedNames(rules: readonly Rule[]): Set<string> {
  return new Set(rules.flatMap(({ record }) => record ?? []));
}

/** The queries of all recording rules, and those that decide whether an alert fires. */
export function ruleQueries(rules: readonly Rule[]): { rule: string; expr: string }[] {
  return rules.flatMap(({ record, alert, expr }) =>
    record === undefined
      ? decidingQueries(expr).map((side) => ({ rule: alert ?? '', expr: side }))
      : { rule: record, expr },
  );
}
