/** A query that is evaluated all the time and kept under a name (`level:metric:operation`). */
export interface RecordingRule {
  record: string;
  expr: string;
}

/** One comparison of an alert. Both sides are queries that Prometheus can answer alone. */
interface Comparison {
  value: string;
  operator: '>' | '<' | '==';
  limit: string | number;
}

/** True while no series matches. */
interface Absence {
  absent: string;
}

/** A condition that somebody has to know of. */
export interface AlertRule {
  alert: string;
  /** All of them must hold, on the labels that they share. */
  when: readonly (Comparison | Absence)[];
  /** How long it must hold; left out = at once. */
  for?: string;
  /** page: now, at night too. ticket: in working hours. none: only the dead man's switch hears it. */
  severity: 'page' | 'ticket' | 'none';
  labels?: Readonly<Record<string, string>>;
  /** One sentence with the value; Prometheus' template language. */
  summary: string;
  /** What it means for users, and the first thing to look at. */
  description: string;
}

export interface RuleGroup {
  name: string;
  /** Left out = the global evaluation interval. */
  interval?: string;
  rules: readonly (RecordingRule | AlertRule)[];
}

/** Where the runbooks are read. */
export const runbookFolderUrl = 'https://github.com/rerank-fleet/rerank-fleet/blob/main/docs/runbooks';

/** True for a rule that alerts. */
export function isAlert(rule: RecordingRule | AlertRule): rule is AlertRule {
  return 'alert' in rule;
}

/** The whole condition of an alert. */
function alertExpression({ when }: AlertRule): string {
  return when.map(conditionExpression).join('\nand\n');
}

function conditionExpression(condition: Comparison | Absence): string {
  if ('absent' in condition) return `absent(${condition.absent})`;
  return `${condition.value} ${condition.operator} ${condition.limit}`;
}

/** The annotations of an alert, as they stand in its rule. */
export function annotations({ alert, summary, description }: AlertRule): Record<string, string> {
  return { summary, description, runbook_url: `${runbookFolderUrl}/${alert}.md` };
}

/** A rule as Prometheus reads it. */
export function ruleDocument(rule: RecordingRule | AlertRule): object {
  if (!isAlert(rule)) return { record: rule.record, expr: rule.expr };
  return {
    alert: rule.alert,
    expr: alertExpression(rule),
    ...(rule.for !== undefined && { for: rule.for }),
    labels: { severity: rule.severity, ...rule.labels },
    annotations: annotations(rule),
  };
}
