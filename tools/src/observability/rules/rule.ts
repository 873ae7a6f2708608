/** A query whose result Prometheus records under a name (`level:metric:operation`). */
export interface RecordingRule {
  record: string;
  expr: string;
}

/** One comparison of an alert. Each side is a complete query. */
interface Comparison {
  value: string;
  operator: '>' | '<' | '==';
  limit: string | number;
}

/** True while no series matches. */
interface Absence {
  absent: string;
}

/** A condition on which Prometheus alerts. */
export interface AlertRule {
  alert: string;
  /** All conditions must hold for the same labels. */
  when: readonly (Comparison | Absence)[];
  /** How long the conditions must hold before the alert fires; left out = it fires at once. */
  for?: string;
  /** page: at any hour. ticket: in working hours. none: goes only to the dead man's switch. */
  severity: 'page' | 'ticket' | 'none';
  labels?: Readonly<Record<string, string>>;
  /** One sentence with the value, in Prometheus' template language. */
  summary: string;
  /** What the alert means for users, and what to check first. */
  description: string;
}

export interface RuleGroup {
  name: string;
  /** Left out = the global evaluation interval. */
  interval?: string;
  rules: readonly (RecordingRule | AlertRule)[];
}

/** URL of the folder with the runbooks. */
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

/** The annotations in the rule of an alert. */
export function annotations({ alert, summary, description }: AlertRule): Record<string, string> {
  return { summary, description, runbook_url: `${runbookFolderUrl}/${alert}.md` };
}

/** The rule in Prometheus' file format. */
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
