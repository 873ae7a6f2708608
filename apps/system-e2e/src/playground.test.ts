import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { until } from '@rerank-fleet/test-support';
import { openBrowser } from './browser';
import { post, scrape, startFleet, sum, type Member, type TestFleet } from './fleet';
import { chooseModel, createOpenedPages, fill, items } from './playground-page';
import { startPrefixProxy } from './prefix-proxy';

const articleExamples = [
  ['什么是机器学习?', ['机器学习是人工智能的一个分支', '深度学习是机器学习的一种方法', '统计学是数据分析的基础']],
  ['如何学习Python编程?', ['Python是一种高级编程语言', '建议从基础语法开始学习', '多写代码实践很重要']],
] as const;
const boardUrl = 'http://board.example.org/';
const tiny = { MODELS_DIR: join(__dirname, '../../../libs/scoring/fixtures/models'), DEFAULT_BUNDLE: 'false' };

let browser: Browser;
let fleet: TestFleet;
let gateway: Member;
let worker: Member;
const opened = createOpenedPages();

beforeAll(async () => {
  fleet = await startFleet();
  [browser, gateway, worker] = await Promise.all([
    openBrowser(),
    fleet.startGateway({ QUEUE_BOARD_URL: boardUrl }),
    fleet.startWorker(),
    fleet.startWorker({ ...tiny, MODEL: 'tiny-qwen3@kv' }),
  ]);
}, 120_000);
afterEach(async () => expect(await opened.close()).toEqual([]), 30_000);
afterAll(async () => {
  await browser.close();
  await fleet.stop();
}, 30_000);

const open = (options: BrowserContextOptions = {}, address = `${gateway.url}/`): Promise<Page> =>
  opened.open(browser, address, options);

const chinese = { locale: 'zh-CN' };

const run = (page: Page) => page.getByRole('button', { name: 'Rank', exact: true }).click();
const announced = (page: Page) => page.getByTestId('announcement');

/** Texts of the ranked documents, scores and lengths of their bars, best first. */
async function ranked(page: Page, count: number): Promise<{ texts: string[]; scores: string[]; bars: number[] }> {
  await items(page)
    .nth(count - 1)
    .waitFor();
  const texts = await items(page).allInnerTexts();
  const bars = await items(page).getByTestId('score-bar').all();
  const lengths = bars.map((bar) =>
    bar.evaluate((element: { firstElementChild: { clientWidth: number }; clientWidth: number }) =>
      element.clientWidth === 0 ? -1 : element.firstElementChild.clientWidth / element.clientWidth,
    ),
  );
  return { texts, scores: texts.map((text) => /[01]\.\d{4}/.exec(text)?.[0] ?? ''), bars: await Promise.all(lengths) };
}

describe('the page', () => {
  it.each(articleExamples)(
    "ranks the article's example %s as the API does, with a score and a bar each",
    async (query, documents) => {
      const page = await open(chinese);
      await page.getByRole('button', { name: query }).click();
      const shown = await ranked(page, 3);
      const answer = (await (await post(`${gateway.url}/v1/rerank`, { query, documents })).json()) as {
        results: { index: number; relevance_score: number }[];
      };
      for (const [place, { index, relevance_score: score }] of answer.results.entries()) {
        expect(shown.texts[place]).toContain(documents[index]);
        expect(shown.scores[place]).toBe(score.toFixed(4));
        expect(shown.bars[place]).toBeCloseTo(score, 1);
      }
      expect(await page.evaluate('document.documentElement.lang')).toMatch(/^zh/);
    },
    60_000,
  );

  it('shows how far each document moved, how many tokens were read, and the time per step', async () => {
    const page = await open();
    await fill(page, 'How do I reset a forgotten password?', [
      'Lunch is served from noon until two.',
      'On the sign-in page choose "Forgot password".',
    ]);
    await run(page);
    const { texts } = await ranked(page, 2);
    expect(texts[0]).toMatch(/Rank 1, score 0\.\d{4}, up 1 place/);
    expect(texts[0]).toMatch(/\d+ tokens/);
    expect(await announced(page).textContent()).toMatch(/^2 documents ranked in \d+ ms; first: On the sign-in page/);
    const times = page.getByRole('group', { name: 'Where the time went' });
    for (const part of ['Queue', 'Tokenise', 'Inference'])
      expect(await times.innerText()).toMatch(new RegExp(`${part}[\\s\\S]*?[\\d.]+ ms`));
    await page.getByRole('tab', { name: 'Before and after' }).click();
    expect(await page.getByRole('tabpanel').innerText()).toContain('Lunch is served');
  }, 60_000);

  it('strikes through the truncated part of a long document', async () => {
    const page = await open();
    await fill(page, 'what is read', [`begin ${'word '.repeat(700)} end of the text`, 'short']);
    await run(page);
    await ranked(page, 2);
    const long = items(page).filter({ hasText: 'begin' });
    expect(await long.innerText()).toMatch(/508/);
    await long.getByRole('button', { name: 'Show all of the text' }).click();
    expect(await long.locator('s').innerText()).toMatch(/end of the text$/);
    expect(await long.locator('s').innerText()).not.toContain('begin');
  }, 60_000);

  it('shows the instruction field only if the model supports one, and sends the instruction', async () => {
    const page = await open();
    const instruction = page.getByRole('textbox', { name: 'Instruction' });
    const model = page.getByRole('combobox', { name: 'Model' });
    expect(await instruction.count()).toBe(0);
    await chooseModel(model, 'tiny-qwen3');
    await instruction.fill('Find the opposite');
    await fill(page, 'q', ['a', 'b']);
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await run(page);
    expect((await sent).postDataJSON()).toMatchObject({ instruction: 'Find the opposite', documents: ['a', 'b'] });
    await ranked(page, 2);
  }, 60_000);

  it('reads documents from files: lines, a column of a table, a JSON list', async () => {
    const page = await open();
    const file = page.locator('input[type=file]');
    const documents = page.getByRole('textbox', { name: 'Documents' });
    const give = (name: string, text: string) =>
      file.setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    await give('a.txt', 'first line\n\nsecond line\n');
    await until(async () => (await documents.inputValue()).includes('second line'));
    await give('b.csv', 'id,body\n1,"a document, with a comma"\n2,another\n');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: /body/ }).check();
    await dialog.getByRole('button', { name: /^Use 2 documents/ }).click();
    await until(async () => (await documents.inputValue()).includes('a document, with a comma'));
    await give('c.json', '["from json", "and more"]');
    await until(async () => (await documents.inputValue()).startsWith('from json'));
    const loaded = page.getByText('2 documents loaded.');
    await loaded.waitFor();
    await documents.fill('typed since');
    expect(await loaded.count()).toBe(0);
    await give('d.txt', '');
    const problem = page.getByText('The file is empty.');
    await problem.waitFor();
    await documents.fill('typed instead');
    expect(await problem.count()).toBe(0);
  }, 60_000);

  it('in Chinese, reads a file that a spreadsheet of a Chinese system saved', async () => {
    const page = await open(chinese);
    const gbk = Buffer.from([0xce, 0xc4, 0xb1, 0xbe]);
    await page.locator('input[type=file]').setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: gbk });
    const box = page.getByRole('textbox', { name: '文档' });
    await until(async () => (await box.inputValue()) === '文本');
  }, 60_000);

  describe('that reads a file keeps what came after it, however late the file is read:', () => {
    /** From now on the page waits for `release()` before it reads files of this name. */
    const hold = (page: Page, name: string) =>
      page.evaluate(`{
        const read = Blob.prototype.arrayBuffer;
        const released = new Promise((resolve) => (globalThis.release = resolve));
        Blob.prototype.arrayBuffer = function () {
          return this.name === '${name}' ? released.then(() => read.call(this)) : read.call(this);
        };
      }`);
    const release = async (page: Page) => {
      await page.evaluate('release()');
      // one turn of the page's event loop, in which the file is read
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 50))');
    };
    const give = (page: Page, name: string, text: string) =>
      page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
    const box = (page: Page) => page.getByRole('textbox', { name: 'Documents' });

    it.each<[string, (page: Page) => Promise<unknown>]>([
      ['another file', (page) => give(page, 'fast.txt', 'opened last')],
      ['typed text', (page) => box(page).fill('typed')],
      ['an example', (page) => page.getByRole('button', { name: /I forgot my password/ }).click()],
    ])(
      '%s',
      async (_name, change) => {
        const page = await open();
        await hold(page, 'slow.txt');
        await give(page, 'slow.txt', 'opened first');
        await page.getByText('Reading the file').waitFor();
        await change(page);
        await until(async () => (await box(page).inputValue()) !== '');
        const kept = await box(page).inputValue();
        await release(page);
        expect(await box(page).inputValue()).toBe(kept);
        expect(await page.getByText('Reading the file').count()).toBe(0);
      },
      60_000,
    );

    it('a column that was chosen', async () => {
      const page = await open();
      await give(page, 'slow.csv', 'id,body\n1,first\n2,second\n');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('radio', { name: /body/ }).check();
      await hold(page, 'slow.csv');
      await dialog.getByRole('checkbox').click();
      await dialog.getByRole('button', { name: /^Use 2 documents/ }).click();
      await dialog.waitFor({ state: 'hidden' });
      await release(page);
      expect(await dialog.count()).toBe(0);
      expect(await box(page).inputValue()).toBe('first\nsecond');
    }, 60_000);
  });

  it('compares two models side by side', async () => {
    const page = await open();
    await page.getByRole('switch', { name: 'Compare two' }).click();
    await fill(page, 'how to restart a worker', [
      'lunch at noon',
      'restart it with the service manager',
      'red-braised pork',
    ]);
    const model = page.getByRole('group', { name: 'Side B' }).getByRole('combobox', { name: 'Model' });
    await chooseModel(model, 'tiny-qwen3');
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByRole('heading', { name: 'Agreement' }).waitFor();
    expect(
      await page
        .getByRole('region', { name: /^A: multilingual-e5-small/ })
        .getByRole('listitem')
        .count(),
    ).toBe(3);
    expect(
      await page
        .getByRole('region', { name: /^B: tiny-qwen3/ })
        .getByRole('listitem')
        .count(),
    ).toBe(3);
  }, 60_000);

  it('copies code that gives the same ranking when it runs, also without the clipboard of a secure page', async () => {
    const page = await open();
    await page.evaluate(`Object.defineProperty(navigator, 'clipboard', { value: undefined })`);
    const documents = ['back\\slash `tick` $HOME', '文档 😀 "quoted"'];
    await fill(page, `it's a "test" of $(quoting)`, documents);
    await run(page);
    await ranked(page, 2);
    await page.getByRole('tab', { name: 'Code' }).click();
    for (const [language, mark] of [
      ['Python', 'cohere'],
      ['TypeScript', '@ai-sdk/cohere'],
      ['curl', `${gateway.url}/v1/rerank`],
    ] as const) {
      await page.getByText(language, { exact: true }).click();
      expect(await page.getByRole('region', { name: language }).innerText()).toContain(mark);
    }
    await page.getByRole('button', { name: 'Copy code' }).click();
    await page.getByRole('textbox', { name: 'Query' }).fill('');
    await page.keyboard.press('Control+V');
    // a multi-line text box keeps the pasted text unchanged
    const copied = await page.getByRole('textbox', { name: 'Query' }).inputValue();
    const { stdout } = await promisify(execFile)('bash', ['-c', copied], { env: { PATH: process.env['PATH'] } });
    const { results } = JSON.parse(stdout) as { results: { index: number }[] };
    expect(results.map(({ index }) => index).sort()).toEqual([0, 1]);
  }, 60_000);

  it('exports the ranking, stores runs and keeps its state in the URL', async () => {
    const page = await open({ acceptDownloads: true });
    await fill(page, 'shared query', ['=1+1', 'two']);
    await run(page);
    await ranked(page, 2);
    await page.getByRole('button', { name: 'Export' }).click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: /^CSV/ }).click();
    const csv = readFileSync(await (await downloading).path(), 'utf8');
    expect(csv.trim().split('\n')).toHaveLength(3);
    expect(csv).not.toMatch(/(^|,)"?=1/m);
    await page.getByRole('button', { name: 'History' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /shared query/ })
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    expect(link).toContain(`${gateway.url}/#`);
    expect(link).not.toContain('shared');
    const other = await open({}, link);
    expect(await other.getByRole('textbox', { name: 'Query' }).inputValue()).toBe('shared query');
    expect(await other.getByRole('textbox', { name: 'Documents' }).inputValue()).toBe('=1+1\ntwo');
  }, 60_000);

  it('shows the fleet live and links to the queue board', async () => {
    const page = await open();
    await page.getByRole('status').filter({ hasText: 'Fleet: Ready' }).waitFor();
    expect(await page.getByRole('link', { name: 'Queue board' }).getAttribute('href')).toBe(boardUrl);
    expect(await page.getByRole('link', { name: 'Grafana' }).count()).toBe(0);
  }, 60_000);

  it('asks for the state of the fleet only while it is visible', async () => {
    const page = await open();
    let asked = 0;
    page.on('request', (request) => (asked += request.url().endsWith('/v1/fleet') ? 1 : 0));
    const show = (visibility: 'visible' | 'hidden') =>
      page.evaluate(`{
        Object.defineProperty(document, 'visibilityState', { value: '${visibility}', configurable: true });
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
      }`);
    // the timers of the page from here on
    await page.clock.install();
    await page.reload();
    await until(() => asked >= 2);
    await show('hidden');
    const before = asked;
    await page.clock.runFor(60_000);
    expect(asked).toBe(before);
    await show('visible');
    await until(() => asked > before);
  }, 60_000);

  it('counts as one session, even when it is loaded several times', async () => {
    const sessions = async () => sum(await scrape(gateway.opsUrl), 'reranker_user_sessions_total');
    const before = await sessions();
    const page = await open();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect((await sessions()) - before).toBe(1);
    await open();
    expect((await sessions()) - before).toBe(2);
  }, 60_000);

  it('works under the path prefix of a proxy', async () => {
    const proxy = await startPrefixProxy('/rerank-fleet', gateway.url);
    try {
      const page = await open({}, proxy.url);
      await fill(page, 'q', ['a', 'b']);
      await run(page);
      await ranked(page, 2);
      await page.getByRole('status').filter({ hasText: 'Fleet: Ready' }).waitFor();
    } finally {
      proxy.close();
    }
  }, 60_000);
});

describe('when something is wrong, the page', () => {
  it('cancels a waiting run, and the gateway counts a disconnected caller', async () => {
    const page = await open();
    await fill(page, 'q', ['a', 'b']);
    worker.process.kill('SIGSTOP');
    try {
      const gone = { endpoint: '/v1/rerank', code: '499' };
      const count = async () => sum(await scrape(gateway.opsUrl), 'reranker_requests_total', gone);
      const before = await count();
      await run(page);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await until(async () => /cancel/i.test((await announced(page).textContent()) ?? ''));
      await until(async () => (await count()) === before + 1);
    } finally {
      worker.process.kill('SIGCONT');
    }
    await run(page);
    await ranked(page, 2);
  }, 60_000);

  it("asks for the gateway's key, and keeps it out of the link and the code", async () => {
    const closed = await fleet.startGateway({ API_KEYS: 'open-sesame' });
    const page = await open({}, `${closed.url}/`);
    await fill(page, 'q', ['a', 'b']);
    await run(page);
    await page.getByRole('textbox', { name: 'API key' }).fill('open-sesame');
    await page.getByRole('button', { name: 'Use key' }).click();
    await page.getByRole('status').filter({ hasText: 'Fleet: Ready' }).waitFor();
    await run(page);
    await ranked(page, 2);
    await page.getByRole('tab', { name: 'Code' }).click();
    expect(await page.content()).not.toContain('open-sesame');
    expect(page.url()).not.toContain('sesame');
  }, 60_000);

  it('shows the limit and what to do, and sends no request above it', async () => {
    const small = await fleet.startGateway({ MAX_DOCUMENTS: '2' });
    const page = await open({}, `${small.url}/`);
    await page.getByText('at most 2').waitFor();
    await fill(page, 'q', ['a', 'b', 'c']);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`));
    await run(page);
    await page.getByText('3 documents; at most 2 can be ranked at once. Remove some.').waitFor();
    expect(sent.filter((each) => each.startsWith('POST'))).toEqual([]);
  }, 60_000);

  it('requests the models again after a failure', async () => {
    const page = await open();
    let refused = 0;
    await page.route('**/v1/models', (route) => {
      refused += 1;
      return route.abort();
    });
    await page.reload();
    // at the start, and when the page learns which models the fleet serves; nothing else triggers a request
    await until(() => refused >= 2);
    await page.unroute('**/v1/models');
    const models = page.getByRole('combobox', { name: 'Model' });
    await models.locator('option[value^="tiny-qwen3"]').waitFor({ state: 'attached' });
  }, 60_000);

  it('reports that no worker serves the model, and ranks when one does', async () => {
    const page = await open();
    await fill(page, 'q', ['a', 'b']);
    worker.process.kill('SIGKILL');
    await until(async () => {
      const state = (await (await fetch(`${gateway.url}/v1/fleet`)).json()) as { workers: number };
      return state.workers === 1;
    });
    await run(page);
    const failure = page.getByRole('group', { name: 'The last run failed' });
    await failure.getByRole('alert').waitFor();
    expect(await failure.innerText()).toContain('No worker');
    worker = await fleet.startWorker();
    await page.getByRole('button', { name: /^Try again/ }).click();
    await ranked(page, 2);
  }, 90_000);
});
