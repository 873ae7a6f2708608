import { gatewayRoot } from '../ranking/address';
import { rerankBody, type RankRequest } from '../ranking/request';

/** The kinds of snippet, in display order. */
export const snippetKinds = ['curl', 'python', 'typescript', 'langchain'] as const;

export type SnippetKind = (typeof snippetKinds)[number];

/** The request of a snippet and the address of its gateway. */
export interface SnippetSource {
  request: RankRequest;
  /** The page's address, as for calls. */
  baseUrl: URL | string;
}

/** Code that sends the same request. It reads the key from the environment variable RERANK_API_KEY. */
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

/** The name of the default model for clients that require a model. */
const defaultModel = 'default';

/**
 * The body is a here-document: shells change nothing in it (not even `!`), and unlike an argument it has no size limit.
 * Strings of JSON contain no line breaks, so no document can end the here-document.
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

/** A JSON string, which is a valid literal in Python and in JavaScript. */
function literal(text: string): string {
  return JSON.stringify(text);
}

/** One element per line, within code that is indented by `indent` spaces. */
function listLiteral(texts: readonly string[], indent: number): string {
  const margin = ' '.repeat(indent);
  const lines = texts.map((text) => `${margin.repeat(2)}${literal(text)},\n`);
  return `[\n${lines.join('')}${margin}]`;
}
