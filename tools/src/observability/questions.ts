import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles } from './dashboards';
import { panelQueries } from './dashboards/queries';
import { readRules, ruleQueries } from './rules';

/** A query that a dashboard or a rule sends to Prometheus. */
export interface Question {
  /** Origin of the query: a panel of a dashboard, or a rule. */
  asker: string;
  expr: string;
}

/** The queries of all panels and recording rules, and those that decide whether an alert fires. */
export function allQuestions(root: string): Question[] {
  const panels = [...dashboardFiles().keys()].flatMap((path) =>
    panelQueries(JSON.parse(readFileSync(join(root, path), 'utf8'))).map(({ dashboard, panel, expr }) => ({
      asker: `${dashboard}: ${panel}`,
      expr,
    })),
  );
  return [...panels, ...ruleQueries(readRules(root)).map(({ rule, expr }) => ({ asker: rule, expr }))];
}

/** Queries that may return no data on a healthy fleet, by a pattern of the query, with the reason. */
const mayHaveNoData: readonly { asks: RegExp; reason: string }[] = [
  { asks: /\breranker_gpu_/, reason: 'a machine without an NVIDIA device exports no GPU metrics' },
  { asks: /\bDCGM_/, reason: 'dcgm-exporter runs only on machines with a GPU' },
  {
    asks: /\breranker_container_\w+/,
    reason: 'a process outside a control group, or in a control group without a limit, exports no such metric',
  },
];

/** A query and its result. */
export interface Answer extends Question {
  /** Number of series whose value is not NaN. */
  series: number;
  /** Set when Prometheus refused the query. */
  error?: string;
  /** Why the result may be empty; undefined = it must not be empty. */
  excuse?: string;
}

/**
 * Sends all queries, one after the other, to a Prometheus or to a server with the same API.
 *
 * @throws when the server cannot be reached
 */
export async function askAll(prometheusUrl: string, questions: readonly Question[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const question of questions) {
    const excuse = mayHaveNoData.find(({ asks }) => asks.test(question.expr))?.reason;
    const answer = await ask(prometheusUrl, question.expr);
    answers.push({ ...question, ...answer, ...(excuse !== undefined && { excuse }) });
  }
  return answers;
}

async function ask(prometheusUrl: string, expr: string): Promise<{ series: number; error?: string }> {
  const response = await fetch(`${prometheusUrl}/api/v1/query?${new URLSearchParams({ query: expr })}`);
  const body = (await response.json()) as {
    status: string;
    error?: string;
    data?: { resultType: string; result: unknown };
  };
  if (body.status !== 'success' || !body.data) return { series: 0, error: body.error ?? `HTTP ${response.status}` };
  const { resultType, result } = body.data;
  if (resultType === 'scalar') return { series: 1 };
  const values = (result as { value: [number, string] }[]).filter(({ value: [, text] }) => text !== 'NaN');
  return { series: values.length };
}

/** One line per query that Prometheus refused, and per empty result without an excuse. */
export function complaints(answers: readonly Answer[]): string[] {
  return answers.flatMap(({ asker, expr, series, error, excuse }) => {
    if (error !== undefined) return [`${asker}: ${error}: ${expr}`];
    return series === 0 && excuse === undefined ? [`${asker}: no data: ${expr}`] : [];
  });
}
