import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, openPage, type WatchedPage } from './browser';
import { startFleet, type Member, type TestFleet } from './fleet';
import { startPrefixProxy, type PrefixProxy } from './prefix-proxy';

const password = 'correct-horse';
const model = 'tiny-qwen3@kv';
const tiny = { MODELS_DIR: join(__dirname, '../../../libs/scoring/fixtures/models'), DEFAULT_BUNDLE: 'false' };

let browser: Browser;
let fleet: TestFleet;
let board: Member;
let proxy: PrefixProxy;
let watched: WatchedPage;

beforeAll(async () => {
  fleet = await startFleet();
  [browser, board] = await Promise.all([
    openBrowser(),
    fleet.startBoard({ BOARD_PASSWORD: password, POLL_MS: '200' }),
    fleet.startWorker({ ...tiny, MODEL: model }),
  ]);
  proxy = await startPrefixProxy('/ops/board', board.url);
}, 60_000);
afterEach(() => watched.close());
afterAll(async () => {
  proxy.close();
  await browser.close();
  await fleet.stop();
}, 30_000);

const queueUrl = () => `${proxy.url}queue/${encodeURIComponent(model)}`;
/** A style of the board that a page without its style sheet does not have. */
const styleRules = (page: Page) =>
  page.evaluate<number>('[...document.styleSheets].reduce((sum, { cssRules }) => sum + cssRules.length, 0)');

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

describe('under the path of a proxy, the queue board', () => {
  it('logs in, shows a queue, also after a reload, and logs out', async () => {
    watched = await openPage(browser, proxy.url);
    const { page } = watched;
    await logIn(page);
    await page.getByRole('main').getByRole('link', { name: model }).click();
    await page.getByText('No latest jobs in this queue.').waitFor();
    expect(page.url()).toBe(queueUrl());
    await page.reload();
    await page.getByText('No latest jobs in this queue.').waitFor();
    expect(await styleRules(page)).toBeGreaterThan(100);
    await page.locator('header button').last().click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
    expect(page.url()).toBe(`${proxy.url}login`);
    expect(watched.complaints()).toEqual([]);
    expect(proxy.answers.filter(({ status }) => status >= 400)).toEqual([]);
  }, 60_000);

  it('also asks for the password on a nested page', async () => {
    watched = await openPage(browser, queueUrl());
    const { page } = watched;
    await logIn(page);
    await page.getByRole('main').getByRole('link', { name: model }).waitFor();
    expect([page.url(), watched.complaints()]).toEqual([proxy.url, []]);
  }, 60_000);
});
