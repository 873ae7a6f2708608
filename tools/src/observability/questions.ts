import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles } from './dashboards';
import { panelQueries } from './dashboards/queries';
import { ruleQueries } from './rules';

/** Something that a dashboard or a rule asks Prometheus. */
export interface Question {
  /** Who asks: a panel of a dashboard, or a rule. */
  asker: string;
  expr: string;
}

/** Every query of every panel, every recording rule, and each side of every comparison of an alert. */
export function allQuestions(root: string): Question[] {
  const panels = [...dashboardFiles().keys()].flatMap((path) =>
    panelQueries(JSON.parse(readFileSync(join(root, path), 'utf8'))).map(({ dashboard, panel, expr }) => ({
      asker: `${dashboard}: ${panel}`,
      expr,
    })),
  );
  return [...panels, ...ruleQueries().map(({ rule, expr }) => ({ asker: rule, expr }))];
}

/** Questions that a healthy fleet may leave without an answer, by what they ask for, and why. */
const mayHaveNoData: readonly { asks: RegExp; reason: string }[] = [
  { asks: /\breranker_gpu_/, reason: 'a machine without an NVIDIA device exports nothing of one' },
  { asks: /\bDCGM_/, reason: 'dcgm-exporter runs on machines with a GPU only' },
  { asks: /\breranker_container_\w+/, reason: 'a process outside of a control group, or in one without a limit' },
];

/** What came of a question. */
export interface Answer extends Question {
  /** Series with a value that is a number. */
  series: number;
  /** Set when Prometheus refused the query. */
  error?: string;
  /** Why it may be empty; undefined = it must not be. */
  excuse?: string;
}

/**
 * Puts every question to a Prometheus (or to what answers its queries), one after the other.
 *
 * @throws when it cannot be reached
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

/** What is wrong with the answers: refused queries, and empty ones without an excuse. */
export function complaints(answers: readonly Answer[]): string[] {
  return answers.flatMap(({ asker, expr, series, error, excuse }) => {
    if (error !== undefined) return [`${asker}: ${error}: ${expr}`];
    return series === 0 && excuse === undefined ? [`${asker}: no data: ${expr}`] : [];
  });
}
