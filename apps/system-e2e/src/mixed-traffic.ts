import { post } from './fleet';

const short = ['Jobs wait on a queue.', 'Bread is baked at dawn.', 'Rivers carry sand to the sea.'];
const chinese = ['机器学习是人工智能的一个分支', '深度学习是机器学习的一种方法', '统计学是数据分析的基础'];
/** Longer than the input of the model. */
const tooLong = 'word '.repeat(900);
/** A request with some seconds of work. */
const large = Array.from({ length: 150 }, (_, i) => `${i} ${'filler words '.repeat(60)}`);

/** Number of answers per status; 0 for a caller that disconnected. */
export type Statuses = Map<number, number>;

/** Sends valid requests in two languages, one of them truncated, each with feedback on its best document. */
export async function sendGoodTraffic(gatewayUrl: string, count: (status: number) => void = () => undefined) {
  for (const [query, documents] of [
    ['why do jobs wait?', short],
    ['how to bake bread', short],
    ['什么是机器学习', chinese],
    ['cut', ['a', tooLong]],
  ] as const) {
    const response = await post(`${gatewayUrl}/v1/rerank`, { query, documents });
    count(response.status);
    const { results } = (await response.json()) as { results: { index: number }[] };
    // after an overload the fleet is still full, and refused requests have no ranking to judge
    if (response.status !== 200) continue;
    const judged = [{ index: results[0]?.index, grade: 3, clicked: true }];
    const body = { request_id: response.headers.get('x-request-id'), results: judged };
    count((await post(`${gatewayUrl}/v1/feedback`, body)).status);
  }
}

/**
 * Sends mixed traffic: valid, invalid and large requests, requests whose callers disconnect or have a short wait, and
 * more requests than the fleet admits.
 */
export async function sendMixedTraffic(gatewayUrl: string): Promise<Statuses> {
  const statuses: Statuses = new Map();
  const count = (status: number) => void statuses.set(status, (statuses.get(status) ?? 0) + 1);
  const url = `${gatewayUrl}/v1/rerank`;
  const send = async (body: unknown, headers: Record<string, string> = {}) => {
    const response = await post(url, body, { headers });
    await response.arrayBuffer();
    count(response.status);
  };
  await sendGoodTraffic(gatewayUrl, count);
  await send({ documents: short });
  await send({ query: 'q', documents: [] });
  await send({ query: 'q', documents: short, model: 'nobody' });
  await send({ query: 'q', documents: new Array(1001).fill('a') });
  count((await fetch(`${gatewayUrl}/v3/nothing`)).status);
  await overload(url, { send, count });
  await send({ query: 'after all that', documents: short });
  return statuses;
}

interface Sender {
  send(body: unknown, headers?: Record<string, string>): Promise<unknown>;
  count(status: number): void;
}

/** Sends large requests until one is refused, on a machine of any speed. Then all callers disconnect. */
async function overload(url: string, { send, count }: Sender): Promise<void> {
  const leave = new AbortController();
  let isFull = false;
  for (let wave = 1; !isFull; wave++) {
    for (let i = 0; i < 20; i++) {
      const query = `flood ${wave} ${i}`;
      post(url, { query, documents: large }, { signal: leave.signal }).then(
        ({ status }) => {
          count(status);
          isFull ||= status === 429;
        },
        () => count(0),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // behind these requests, a short wait expires
  await send({ query: 'late', documents: short, priority: 900 }, { 'x-request-timeout-ms': '300' });
  leave.abort();
}
