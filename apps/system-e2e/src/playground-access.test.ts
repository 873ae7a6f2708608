import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { until } from '@rerank-fleet/test-support';
import { accessibilityViolations, openBrowser } from './browser';
import { startFleet, type Member, type TestFleet } from './fleet';
import { createOpenedPages, fill, items } from './playground-page';

let browser: Browser;
let fleet: TestFleet;
let gateway: Member;
const opened = createOpenedPages();

beforeAll(async () => {
  fleet = await startFleet();
  [browser, gateway] = await Promise.all([
    openBrowser(),
    fleet.startGateway({ GRAFANA_URL: 'http://grafana.example.org/' }),
    fleet.startWorker(),
  ]);
}, 120_000);
afterEach(async () => expect(await opened.close()).toEqual([]), 30_000);
afterAll(async () => {
  await browser.close();
  await fleet.stop();
}, 30_000);

async function open(options: BrowserContextOptions): Promise<Page> {
  const page = await opened.open(browser, `${gateway.url}/`, options);
  await page
    .getByRole('status')
    .filter({ hasText: /Fleet: Ready|集群: 就绪/ })
    .waitFor();
  return page;
}

const example = 'How do I reset a forgotten password?';
const words = {
  'en-US': {
    tabs: ['Before and after', 'Code', 'JSON'],
    buttons: ['History', 'Share'],
    menus: ['Examples', 'Export'],
    details: 'Details',
    grade: 'Grade results',
    run: 'Rank',
    compare: 'Compare two',
    runTwo: 'Compare',
    sides: 'Side by side',
    failed: 'The last run failed',
  },
  'zh-CN': {
    tabs: ['前后对照', '代码', 'JSON'],
    buttons: ['历史', '分享'],
    menus: ['示例', '导出'],
    details: '详情',
    grade: '给结果评分',
    run: '排序',
    compare: '对比两侧',
    runTwo: '对比',
    sides: '并排',
    failed: '上次运行失败',
  },
};
const phone = { width: 390, height: 844 };
const views: [string, BrowserContextOptions & { locale: keyof typeof words }][] = [
  ['light, English', { locale: 'en-US', colorScheme: 'light' }],
  ['dark, Chinese', { locale: 'zh-CN', colorScheme: 'dark' }],
  ['a dark phone, English', { locale: 'en-US', colorScheme: 'dark', viewport: phone, hasTouch: true, isMobile: true }],
  [
    'a light phone, Chinese',
    { locale: 'zh-CN', colorScheme: 'light', viewport: phone, hasTouch: true, isMobile: true },
  ],
];

const documents = [
  'Lunch is served from noon until two.',
  'On the sign-in page choose "Forgot password".',
  'long '.repeat(700),
];

async function rankSomething(page: Page, names: { run: string }): Promise<void> {
  await fill(page, example, documents);
  await page.getByRole('button', { name: names.run, exact: true }).click();
  await items(page).nth(2).waitFor();
}

describe('axe finds no violation', () => {
  it.each(views)(
    'in %s, whatever is open',
    async (_name, options) => {
      const page = await open(options);
      const names = words[options.locale];
      const found: [string, string[]][] = [];
      const check = async (state: string) => {
        const violations = await accessibilityViolations(page);
        if (violations.length > 0) found.push([state, violations]);
      };
      const button = (name: string) => page.getByRole('button', { name, exact: true });
      await check('before the first run');
      if (await button(names.details).isVisible()) await button(names.details).click();
      await check('the models of the fleet');
      await rankSomething(page, names);
      await check('a ranking');
      for (const menu of names.menus) {
        await button(menu).click();
        await page.getByRole('menu').waitFor();
        await check(menu);
        await page.keyboard.press('Escape');
      }
      await page.getByRole('switch', { name: names.grade }).click();
      await check('grades');
      for (const tab of names.tabs) {
        await page.getByRole('tab', { name: tab }).click();
        await check(tab);
      }
      for (const dialog of names.buttons) {
        await button(dialog).click();
        await page.getByRole('dialog').waitFor();
        await check(dialog);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
      }
      const table = Buffer.from('id,body\n1,one\n2,two\n');
      await page.locator('input[type=file]').setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: table });
      await page.getByRole('dialog').waitFor();
      await check('the columns of a file');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.getByRole('switch', { name: names.compare }).click();
      await button(names.runTwo).click();
      await page.getByRole('tab', { name: names.sides }).waitFor();
      await check('a comparison');
      const refusal = JSON.stringify({ message: 'A key is needed.', error: { code: 'unauthorized' } });
      await page.route('**/v1/rerank', (route) =>
        route.fulfill({ status: 401, contentType: 'application/json', body: refusal }),
      );
      await button(names.runTwo).click();
      await page.getByRole('group', { name: names.failed }).waitFor();
      await page.locator('#api-key').waitFor();
      await check('a failure, and a key that is asked for');
      expect(found).toEqual([]);
    },
    120_000,
  );

  it('and does find an image without a text', async () => {
    const page = await open({ locale: 'en-US' });
    await page.evaluate(`document.querySelector('main').append(document.createElement('img'))`);
    expect(await accessibilityViolations(page)).toEqual([expect.stringMatching(/^image-alt: /)]);
  }, 60_000);
});

/** Role and accessible name of the focused element. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.innerText ?? element.getAttribute('aria-label') ?? element.innerText ?? '';
    return element.tagName.toLowerCase() + ': ' + label.trim().split('\\n')[0];
  })()`);

/** Presses Tab until an element has the focus. Throws after one round through the page. */
async function tabTo(page: Page, wanted: RegExp): Promise<string[]> {
  const passed: string[] = [];
  while (passed.length < 150) {
    await page.keyboard.press('Tab');
    passed.push(await focused(page));
    if (wanted.test(passed.at(-1) ?? '')) return passed;
  }
  throw new Error(`Tab never reached ${wanted}; it passed ${passed.join(', ')}`);
}

describe('the keyboard alone', () => {
  it('skips the head of the page, fills the form, ranks, grades and exports', async () => {
    const page = await open({ locale: 'en-US', acceptDownloads: true });
    await page.keyboard.press('Tab');
    expect(await focused(page)).toMatch(/^a: Skip/);
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).not.toBe('');
    await tabTo(page, /: Query/);
    await page.keyboard.type('what is a queue');
    await tabTo(page, /^textarea: Documents/);
    await page.keyboard.type('a line of people\nbread with butter');
    await tabTo(page, /^button: Rank/);
    await page.keyboard.press('Enter');
    await items(page).nth(1).waitFor();
    await tabTo(page, /: Ranking/);
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('tab', { selected: true }).innerText()).toBe('Before and after');
    await page.keyboard.press('ArrowLeft');
    const threshold = page.getByRole('slider', { name: 'Threshold' });
    for (let steps = 0; steps < 80 && !(await threshold.evaluate(isFocused)); steps++) await page.keyboard.press('Tab');
    await page.keyboard.press('End');
    await page.getByText('0 of 2 stay').waitFor();
    await page.getByRole('button', { name: 'Export' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menu').waitFor();
    await page.keyboard.press('ArrowDown');
    const downloading = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    expect((await downloading).suggestedFilename()).toMatch(/\.(csv|json)$/);
  }, 90_000);

  it('runs with Ctrl+Enter from any field, and returns the focus when a dialog closes', async () => {
    const page = await open({ locale: 'en-US' });
    await page.getByRole('textbox', { name: 'Query' }).fill('q');
    await page.getByRole('textbox', { name: 'Documents' }).fill('a\nb');
    await page.keyboard.press('Control+Enter');
    await items(page).nth(1).waitFor();
    const share = page.getByRole('button', { name: 'Share' });
    await share.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Link' }).waitFor();
    await page.keyboard.press('Escape');
    await until(() => share.evaluate(isFocused));
  }, 60_000);

  it('reaches every control', async () => {
    const page = await open({ locale: 'en-US' });
    await rankSomething(page, words['en-US']);
    await page.evaluate('document.activeElement.blur()');
    // arrow keys reach the radio buttons that Tab skips
    await page.evaluate(`for (const each of document.querySelectorAll('a[href], button, input, select, textarea, [tabindex="0"]'))
      if (each.checkVisibility() && !each.disabled && each.tabIndex >= 0 && each.type !== 'radio') each.dataset.usable = ''`);
    for (let step = 0; step < 150; step++) {
      await page.keyboard.press('Tab');
      await page.evaluate('delete document.activeElement.dataset.usable');
    }
    expect(await page.locator('[data-usable]').evaluateAll((left) => left.map(String))).toEqual([]);
  }, 90_000);
});

const isFocused = (element: object) =>
  element === (element as { ownerDocument: { activeElement: object } }).ownerDocument.activeElement;

describe('a small screen', () => {
  it.each([320, 390])(
    'of %i pixels needs no scrolling sideways, before a run and after it',
    async (width) => {
      const page = await open({ locale: 'en-US', viewport: { width, height: 700 }, hasTouch: true, isMobile: true });
      const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(await overflow()).toBeLessThanOrEqual(0);
      await rankSomething(page, words['en-US']);
      for (const tab of ['Ranking', ...words['en-US'].tabs]) {
        await page.getByRole('tab', { name: tab, exact: true }).click();
        expect([tab, (await overflow()) <= 0]).toEqual([tab, true]);
      }
    },
    90_000,
  );
});
