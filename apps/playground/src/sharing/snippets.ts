import { gatewayRoot } from '../ranking/address';
import { rerankBody, type RankRequest } from '../ranking/request';

/** In the order in which they are shown. */
export const snippetKinds = ['curl', 'python', 'typescript', 'langchain'] as const;

export type SnippetKind = (typeof snippetKinds)[number];

/** What a snippet asks, and where. */
export interface SnippetSource {
  request: RankRequest;
  /** As for calls: the page's address. */
  baseUrl: URL | string;
}

/** Code that ranks the same from elsewhere. The key comes from the environment variable RERANK_API_KEY. */
export function snippet(kind: SnippetKind, source: SnippetSource): string {
  switch (kind) {
    case 'curl':
      return curl(source);
    case 'python':
      return cohereForPython(source);
    case 'typescript':
      return aiSdk(source);
    case 'langchain':
      return langChain(source);
    default:
      return kind satisfies never;
  }
}

/** What clients that insist on a model send for the default one. */
const defaultModel = 'default';

/**
 * The body comes as a here-document, in which shells leave everything as it is (`!` too), and which has no size limit
 * as an argument has. JSON has no line breaks in its strings, so that no document can end it.
 */
function curl({ request, baseUrl }: SnippetSource): string {
  const url = `${gatewayRoot(baseUrl)}/v1/rerank`.replaceAll("'", '%27');
  const body = JSON.stringify(rerankBody(request), null, 2);
  return `curl '${url}' \\
  -H "Authorization: Bearer $RERANK_API_KEY" \\
  -H 'Content-Type: application/json' \\
  --data-binary @- <<'JSON'
${body}
JSON`;
}

function cohereForPython({ request, baseUrl }: SnippetSource): string {
  const { model, query, documents, instruction } = request;
  const options =
    instruction === ''
      ? ''
      : `\n    request_options={"additional_body_parameters": {"instruction": ${literal(instruction)}}},`;
  return `# pip install cohere
import os

import cohere

client = cohere.ClientV2(
    api_key=os.environ.get("RERANK_API_KEY", "none"),
    base_url=${literal(gatewayRoot(baseUrl))},
)
response = client.rerank(
    model=${literal(model || defaultModel)},
    query=${literal(query)},
    documents=${listLiteral(documents, 4)},${options}
)
for result in response.results:
    print(result.index, result.relevance_score)`;
}

function aiSdk({ request, baseUrl }: SnippetSource): string {
  const { model, query, documents, instruction } = request;
  const note = instruction === '' ? '' : '// This client sends no instruction: the scores are those without yours.\n';
  return `// npm install ai @ai-sdk/cohere
import { createCohere } from '@ai-sdk/cohere';
import { rerank } from 'ai';

const cohere = createCohere({
  baseURL: ${literal(`${gatewayRoot(baseUrl)}/v2`)},
  apiKey: process.env.RERANK_API_KEY ?? 'none',
});
${note}const { ranking } = await rerank({
  model: cohere.reranking(${literal(model || defaultModel)}),
  query: ${literal(query)},
  documents: ${listLiteral(documents, 2)},
});
for (const { originalIndex, score } of ranking) console.log(originalIndex, score);`;
}

function langChain({ request, baseUrl }: SnippetSource): string {
  const { model, query, documents, instruction } = request;
  const note = instruction === '' ? '' : '# This client sends no instruction: the scores are those without yours.\n';
  return `# pip install langchain-cohere
import os

from langchain_cohere import CohereRerank

reranker = CohereRerank(
    cohere_api_key=os.environ.get("RERANK_API_KEY", "none"),
    base_url=${literal(gatewayRoot(baseUrl))},
    model=${literal(model || defaultModel)},
)
${note}results = reranker.rerank(
    query=${literal(query)},
    documents=${listLiteral(documents, 4)},
    top_n=None,
)
for result in results:
    print(result["index"], result["relevance_score"])`;
}

/** A string of JSON means the same in Python and in JavaScript. */
function literal(text: string): string {
  return JSON.stringify(text);
}

/** One element a line, within code that is indented by so many spaces. */
function listLiteral(texts: readonly string[], indent: number): string {
  const margin = ' '.repeat(indent);
  const lines = texts.map((text) => `${margin.repeat(2)}${literal(text)},\n`);
  return `[\n${lines.join('')}${margin}]`;
}
