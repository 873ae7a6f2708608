import { type Example, examples, rankedTexts } from '../up/examples';

/** A request that takes a worker some seconds. Its documents are variants of the examples, all different. */
export function longExample(documents: number): Example {
  const texts = examples.flatMap((example) => example.documents).join(' ');
  const [first] = examples;
  if (!first) throw new Error('there is no example');
  return {
    query: first.query,
    documents: Array.from({ length: documents }, (_, index) => `${index}. ${texts}`),
  };
}

/** Sends a request and checks that every document is ranked once. Returns the number of documents. */
export async function rank(gatewayUrl: string, example: Example, signal: AbortSignal): Promise<number> {
  const response = await fetch(`${gatewayUrl}/v1/rerank`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(example),
    signal: AbortSignal.any([signal, AbortSignal.timeout(120_000)]),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the long request got HTTP ${response.status}: ${text.slice(0, 300)}`);
  return rankedTexts(example, JSON.parse(text)).length;
}

/** The sum of a metric's series whose labels contain a text; 0 when there is none, or no answer. */
export async function metricSum(opsUrl: string, name: string, label = ''): Promise<number> {
  const response = await fetch(`${opsUrl}/metrics`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  return sumOf((await response?.text()) ?? '', name, label);
}

/** The same for the text of a metrics page. */
export function sumOf(metrics: string, name: string, label: string): number {
  return metrics
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
