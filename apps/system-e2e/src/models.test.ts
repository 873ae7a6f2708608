import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@rerank-fleet/test-support';
import { answers, post, scrape, startFleet, sum, terminate, type Member, type TestFleet } from './fleet';

const root = join(__dirname, '../../..');
const fixtures = join(root, 'libs/scoring/fixtures');
const tiny = { MODELS_DIR: join(fixtures, 'models'), DEFAULT_BUNDLE: 'false' };

interface Answer {
  model: string;
  model_version: string;
  results: { index: number; relevance_score: number }[];
  message?: string;
}

interface Case {
  name: string;
  query: string;
  document: string;
  instruction?: string;
  maxLength: number;
  error?: string;
  truncated: boolean;
  logit: number;
}

/** Blank texts: the gateway refuses such queries and does not score such documents. libs/scoring tests them. */
const blankText = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{C}]*$/u;

function readCases(name: string, file = join(fixtures, `cases/${name}.json`)): Case[] {
  const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] };
  return cases.filter(
    ({ error, truncated, query, document }) =>
      error === undefined && !truncated && !blankText.test(query) && !blankText.test(document),
  );
}

let fleet: TestFleet;
let gateway: Member;

beforeAll(async () => {
  fleet = await startFleet();
  gateway = await fleet.startGateway();
}, 60_000);
afterAll(() => fleet.stop(), 30_000);

async function ask(body: object): Promise<{ status: number; answer: Answer; model: string | null }> {
  const response = await post(`${gateway.url}/v1/rerank`, body);
  const answer = (await response.json()) as Answer;
  return { status: response.status, answer, model: response.headers.get('x-model') };
}

const served = async (): Promise<string[]> => {
  const list = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
  return list.data.map(({ id }) => id);
};

const ending = async (worker: Member): Promise<number | null> => {
  fleet.workers.splice(fleet.workers.indexOf(worker), 1);
  return terminate(worker.process, 'SIGTERM');
};

/** Scores all cases over HTTP with a worker of the model. */
async function expectScores(
  model: string,
  cases: readonly Case[],
  { env, tolerance }: { env: Record<string, string>; tolerance: number },
): Promise<void> {
  const worker = await fleet.startWorker({ ...env, MODEL: model });
  await until(async () => (await ask({ model, query: 'q', documents: ['d'] })).status === 200);
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const key = JSON.stringify([one.query, one.instruction]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const answered = await Promise.all(
    [...groups.values()].map(async (group) => {
      const { query, instruction } = group[0] as Case;
      const documents = group.map(({ document }) => document);
      const asked = await ask({ model, query, instruction, documents, raw_scores: true });
      expect(asked.model).toBe(model);
      return asked.answer.results.map(({ index, relevance_score: logit }) => [group[index]?.logit ?? NaN, logit]);
    }),
  );
  for (const [wanted = NaN, logit = NaN] of answered.flat()) {
    expect(Math.abs(logit - wanted)).toBeLessThan(tolerance);
  }
  expect(answered.flat()).toHaveLength(cases.length);
  await ending(worker);
}

describe('every head scores over HTTP as PyTorch does', () => {
  it.each([
    ['tiny-bert', '1', 1e-4],
    ['tiny-xlmr', '1', 1e-4],
    ['tiny-qwen3', 'plain', 1e-4],
    ['tiny-qwen3', 'kv', 1e-4],
    ['tiny-qwen3', 'gqa', 1e-4],
    ['tiny-qwen3', 'seqcls', 1e-4],
    ['tiny-qwen3', 'fp16', 0.02],
  ])(
    '%s@%s',
    (name, version, tolerance) => expectScores(`${name}@${version}`, readCases(name), { env: tiny, tolerance }),
    60_000,
  );
});

it('computes the keys and values of a query once per worker, and those of template and instruction too', async () => {
  const worker = await fleet.startWorker({ ...tiny, MODEL: 'tiny-qwen3@kv', SESSIONS: '2' });
  const documents = readCases('tiny-qwen3').map(({ document }) => document);
  const scoresOf = async (query: string) => {
    const { status, answer } = await ask({ model: 'tiny-qwen3', query, documents, raw_scores: true });
    return status === 200 && answer.results.map(({ index, relevance_score: score }) => [index, score]);
  };
  await until(async () => (await scoresOf('first')) !== false);
  const alone = await scoresOf('second');
  for (const again of await Promise.all([1, 2, 3].map(() => scoresOf('second')))) expect(again).toEqual(alone);
  const samples = await scrape(worker.opsUrl);
  const counted = (lookup: string) => sum(samples, 'reranker_prepared_queries_total', { lookup });
  expect([counted('computed'), counted('continued')]).toEqual([1, 1]);
  expect(counted('kept')).toBeGreaterThanOrEqual(3);
  expect(sum(samples, 'reranker_prepared_query_bytes')).toBeGreaterThan(0);
  await ending(worker);
}, 60_000);

describe('several models and versions in one fleet', () => {
  const query = { query: 'q', documents: ['one', 'two'] };
  let shipped: Member;
  let older: Member;
  let newer: Member;

  beforeAll(async () => {
    shipped = await fleet.startWorker();
    older = await fleet.startWorker({ ...tiny, MODEL: 'tiny-qwen3@gqa' });
    await until(async () => (await served()).length === 2);
  }, 60_000);

  it('answers by the default model unless another is named, by its name, version or a vendor prefix', async () => {
    expect((await ask(query)).model).toBe('multilingual-e5-small@1');
    for (const model of ['tiny-qwen3', 'tiny-qwen3@gqa', 'vendor/tiny-qwen3']) {
      const { answer, model: header } = await ask({ ...query, model });
      expect(answer).toMatchObject({ model: 'tiny-qwen3', model_version: 'gqa' });
      expect(header).toBe('tiny-qwen3@gqa');
    }
    expect((await ask({ ...query, model: 'intfloat/multilingual-e5-small' })).model).toBe('multilingual-e5-small@1');
  });

  it('ranks differently with another instruction, on the model that supports one', async () => {
    const documents = readCases('tiny-qwen3').map(({ document }) => document);
    const scores = async (instruction?: string) => {
      const { answer } = await ask({ model: 'tiny-qwen3', query: 'q', documents, instruction });
      return answer.results.map(({ index, relevance_score: score }) => [index, score]);
    };
    const own = 'Given a web search query, retrieve relevant passages that answer the query';
    expect(await scores()).toEqual(await scores(own));
    expect(await scores()).not.toEqual(await scores('Find the passage about ships.'));
  });

  it('moves a name to a newer version when it is ready, while the older one still answers by its full name', async () => {
    newer = await fleet.startWorker({ ...tiny, MODEL: 'tiny-qwen3@kv' });
    await until(async () => (await ask({ ...query, model: 'tiny-qwen3' })).model === 'tiny-qwen3@kv');
    expect((await ask({ ...query, model: 'tiny-qwen3@gqa' })).model).toBe('tiny-qwen3@gqa');
    expect(new Set(await served())).toEqual(new Set(['multilingual-e5-small', 'tiny-qwen3', 'tiny-qwen3@gqa']));
  });

  it('moves it back when the newer version goes, and loses no request on the way', async () => {
    const asked: Promise<{ status: number; model: string | null }>[] = [];
    let done = false;
    const asking = (async () => {
      while (!done) {
        asked.push(ask({ ...query, model: 'tiny-qwen3' }));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await ending(newer);
    await until(async () => (await ask({ ...query, model: 'tiny-qwen3' })).model === 'tiny-qwen3@gqa');
    done = true;
    await asking;
    const all = await Promise.all(asked);
    expect(all.map(({ status }) => status).filter((status) => status !== 200)).toEqual([]);
    expect(new Set(all.map(({ model }) => model))).toEqual(new Set(['tiny-qwen3@kv', 'tiny-qwen3@gqa']));
  });

  it('the last worker of a version ends, even with a short drain limit', async () => {
    const worker = await fleet.startWorker({ ...tiny, MODEL: 'tiny-qwen3@plain', DRAIN_LIMIT_MS: '500' });
    await until(async () => (await served()).includes('tiny-qwen3'));
    expect(await ending(worker)).toBe(0);
  });

  it('answers 503 for a version without a worker, and 404 with the existing names for an unknown version', async () => {
    const gone = await ask({ ...query, model: 'tiny-qwen3@kv' });
    expect(gone.status).toBe(503);
    const unknown = await ask({ ...query, model: 'tiny-qwen3@no-such' });
    expect(unknown.status).toBe(404);
    expect(unknown.answer.message).toContain('multilingual-e5-small, tiny-');
    await ending(older);
    expect((await ask({ ...query, model: 'tiny-qwen3' })).status).toBe(503);
    expect((await ask(query)).status).toBe(200);
    await answers(`${shipped.opsUrl}/ready`, 200);
  });
});

describe('a model scores as PyTorch does from the safetensors of its owner', () => {
  const published = join(root, 'libs/onnx-export/fixtures');
  const models = mkdtempSync(join(tmpdir(), 'models-test-'));
  const env = { ...tiny, MODELS_DIR: models };
  afterAll(() => rmSync(models, { recursive: true }));

  async function add(name: string, version: string, ...options: string[]): Promise<void> {
    const command = [join(root, 'dist/tools/model.js'), 'add', join(published, name), '--name', name];
    const all = [...command, '--version', version, '--max-length', '512', ...options];
    await promisify(execFile)(process.execPath, all, { env: { ...process.env, MODELS_DIR: models } });
  }

  it.each(['qwen3-causal', 'bert-cross-encoder', 'xlmr-cross-encoder'])(
    '%s',
    async (name) => {
      await add(name, '1');
      await expectScores(`${name}@1`, readCases(name, join(published, name, 'cases.json')), { env, tolerance: 1e-4 });
    },
    60_000,
  );

  it('in int8 within the stated limit, and /v1/models shows what int8 costs', async () => {
    const name = 'qwen3-causal';
    await add(name, '2', '--variant', 'int8');
    const worker = await fleet.startWorker({ ...env, MODEL: `${name}@2` });
    await until(async () => (await served()).includes(name));
    const shown = (await (await fetch(`${gateway.url}/v1/models/${name}`)).json()) as {
      dtype: string;
      quantization: Record<string, number> | null;
    };
    expect(shown).toMatchObject({ dtype: 'int8', quantization: { pairs: 60, queries: 12, exact_layers: [] } });
    expect(shown.quantization?.['mean_score_difference']).toBeGreaterThan(0);
    expect(shown.quantization?.['mean_score_difference']).toBeLessThan(0.02);
    const [first] = readCases(name, join(published, name, 'cases.json')) as [Case];
    const { query, instruction, document } = first;
    const { answer } = await ask({ model: `${name}@2`, query, instruction, documents: [document] });
    const difference = (answer.results[0]?.relevance_score ?? NaN) - 1 / (1 + Math.exp(-first.logit));
    expect(Math.abs(difference)).toBeLessThan(0.2);
    await ending(worker);
  }, 60_000);
});
