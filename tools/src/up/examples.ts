import { failureLine } from '@rerank-fleet/service-shell';
import { type RankedText, rankingLines } from './lines';

export interface Example {
  query: string;
  documents: string[];
}

/** One English and one Chinese request with an obvious best document. */
export const examples: Example[] = [
  {
    query: 'How do I reset a forgotten password?',
    documents: [
      'The cafeteria on the second floor serves lunch from noon until two.',
      'On the sign-in page choose "Forgot password"; a link to set a new one is sent to your e-mail address.',
      'Passwords are stored as salted hashes and are never written to a log.',
      'Our office moved to the building beside the river in spring.',
    ],
  },
  {
    query: '怎样给咖啡机除垢？',
    documents: [
      '这款咖啡机有黑色和银色两种颜色可选。',
      '本周末市图书馆将举办儿童故事会。',
      '将除垢剂倒入水箱，按住清洗键三秒启动除垢程序，结束后用清水冲洗两遍。',
      '咖啡豆应密封保存在阴凉干燥处。',
    ],
  },
];

const answerLimitMs = 60_000;

/** The parts of an answer of `POST /v1/rerank` that are read. */
interface RerankAnswer {
  results: { index: number; relevance_score: number }[];
}

function isAnswer(body: unknown): body is RerankAnswer {
  const results = (body as RerankAnswer | null)?.results;
  return (
    Array.isArray(results) &&
    results.every((each) => Number.isInteger(each?.index) && Number.isFinite(each?.relevance_score))
  );
}

/** The documents with their scores, in the order of the answer. Throws when the answer does not fit the request. */
export function rankedTexts(example: Example, body: unknown): RankedText[] {
  if (!isAnswer(body)) throw new Error('the answer of the gateway is not a ranking');
  const ranked = body.results.map(({ index, relevance_score: score }) => ({ score, text: example.documents[index] }));
  const isComplete = new Set(body.results.map(({ index }) => index)).size === example.documents.length;
  if (!isComplete || !ranked.every((each): each is RankedText => each.text !== undefined)) {
    throw new Error('the answer of the gateway does not rank each document once');
  }
  return ranked;
}

/** The gateway that ranks the examples. */
export interface GatewayAccess {
  url: string;
  /** An API key; undefined = the gateway needs no key. */
  apiKey: string | undefined;
}

/** Ranks an example over HTTP and returns the lines to print. Throws when the request fails. */
export async function askExample(gateway: GatewayAccess, example: Example, signal: AbortSignal): Promise<string[]> {
  const { url, apiKey } = gateway;
  const response = await fetch(`${url}/v1/rerank`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
    body: JSON.stringify(example),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerLimitMs)]),
  }).catch((error: unknown) => {
    // when the key is not a valid header value, the text of the original error contains it
    throw new Error(failureLine(error, 'the example could not be sent'), { cause: error });
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`the example got HTTP ${response.status}: ${text.slice(0, 300)}`);
  return rankingLines(example.query, rankedTexts(example, JSON.parse(text)));
}
