import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { accessibilityViolations, openBrowser, openPage, type WatchedPage } from './browser';
import { startFleet, until, type Member, type TestFleet } from './fleet';

let browser: Browser;
let fleet: TestFleet;
let gateway: Member;
let opened: WatchedPage[] = [];

beforeAll(async () => {
  fleet = await startFleet();
  [browser, gateway] = await Promise.all([
    openBrowser(),
    fleet.startGateway({ GRAFANA_URL: 'http://grafana.example.org/' }),
    fleet.startWorker(),
  ]);
}, 120_000);
afterEach(async () => {
  const complaints = opened.flatMap((each) => each.complaints());
  await Promise.all(opened.map((each) => each.close()));
  opened = [];
  expect(complaints).toEqual([]);
}, 30_000);
afterAll(async () => {
  await browser.close();
  await fleet.stop();
}, 30_000);

async function open(options: BrowserContextOptions): Promise<Page> {
  const watched = await openPage(browser, `${gateway.url}/`, options);
  opened.push(watched);
  const { page } = watched;
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page
    .getByRole('status')
    .filter({ hasText: /Fleet: Ready|集群/ })
    .waitFor();
  return page;
}

const example = 'How do I reset a forgotten password?';
const words = {
  'en-US': {
    tabs: ['Before and after', 'Code', 'JSON'],
    buttons: ['History', 'Share'],
    menus: ['Examples'],
    run: 'Rank',
  },
  'zh-CN': {
    tabs: ['前后对照', '代码', 'JSON'],
    buttons: ['历史', '分享'],
    menus: ['示例'],
    run: '排序',
    compare: '对比两侧',
    runTwo: '对比',
    sides: '并排',
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

const results = (page: Page) => page.getByRole('list', { name: /Documents, most relevant first|文档，最相关的在前/ });

/** Fills the form from the keyboard or by touch and ranks. */
async function rankSomething(page: Page, names: { run: string }): Promise<void> {
  await page.getByRole('textbox', { name: /^(Query|查询)$/ }).fill(example);
  await page
    .getByRole('textbox', { name: /^(Documents|文档)$/ })
    .fill(
      `Lunch is served from noon until two.\nOn the sign-in page choose "Forgot password".\n${'long '.repeat(700)}`,
    );
  await page.getByRole('button', { name: names.run, exact: true }).click();
  await results(page).getByRole('listitem').nth(2).waitFor();
}

describe('axe finds nothing to complain of', () => {
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
      await check('before the first run');
      for (const menu of names.menus) {
        await page.getByRole('button', { name: menu }).click();
        await page.getByRole('menu').waitFor();
        await check(menu);
        await page.keyboard.press('Escape');
      }
      await rankSomething(page, names);
      await check('a ranking');
      for (const tab of names.tabs) {
        await page.getByRole('tab', { name: tab }).click();
        await check(tab);
      }
      for (const button of names.buttons) {
        await page.getByRole('button', { name: button, exact: true }).click();
        await page.getByRole('dialog').waitFor();
        await check(button);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
      }
      expect(found).toEqual([]);
    },
    120_000,
  );

  it('and does find a picture without words', async () => {
    const page = await open({ locale: 'en-US' });
    await page.evaluate(`document.querySelector('main').append(document.createElement('img'))`);
    expect(await accessibilityViolations(page)).toEqual([expect.stringMatching(/^image-alt: /)]);
  }, 60_000);
});

/** The accessible name of what has the focus, as far as a test needs it. */
const focused = (page: Page) =>
  page.evaluate<string>(`(() => {
    const element = document.activeElement;
    const label = element.labels?.[0]?.innerText ?? element.getAttribute('aria-label') ?? element.innerText ?? '';
    return element.tagName.toLowerCase() + ': ' + label.trim().split('\\n')[0];
  })()`);

/** Presses Tab until something has the focus; throws after a round through the page without it. */
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
    await results(page).getByRole('listitem').nth(1).waitFor();
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

  it('runs with Ctrl and Enter from any field, and gets back to where a dialog was opened', async () => {
    const page = await open({ locale: 'en-US' });
    await page.getByRole('textbox', { name: 'Query' }).fill('q');
    await page.getByRole('textbox', { name: 'Documents' }).fill('a\nb');
    await page.keyboard.press('Control+Enter');
    await results(page).getByRole('listitem').nth(1).waitFor();
    const share = page.getByRole('button', { name: 'Share' });
    await share.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Link' }).waitFor();
    await page.keyboard.press('Escape');
    await until(() => share.evaluate(isFocused));
  }, 60_000);

  it('reaches everything that can be used', async () => {
    const page = await open({ locale: 'en-US' });
    await rankSomething(page, words['en-US']);
    await page.evaluate('document.activeElement.blur()');
    // of radio buttons the arrow keys reach those that Tab leaves out
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
