import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { source as axeSource, type AxeResults } from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** A page whose requests and console are recorded. */
export interface WatchedPage {
  page: Page;
  /** Requests to other hosts, and errors of the browser. It must stay empty. */
  complaints(): string[];
  close(): Promise<void>;
}

/** Debian's Chromium, headless. */
export function openBrowser(): Promise<Browser> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const executablePath = folders.map((folder) => join(folder, 'chromium')).find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('chromium is not on the PATH: tools/test.sh installs it');
  // without its sandbox it also runs as root; only our own page is opened
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Opens a URL in a new browser session. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const { host } = new URL(url);
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (/^(https?|wss?):$/.test(asked.protocol) && asked.host !== host) complaints.push(`left the host: ${asked.href}`);
  });
  page.on('pageerror', (error) => complaints.push(`threw: ${error.message}`));
  page.on('console', (message) => {
    // some tests expect error statuses, which the page itself must report
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    complaints.push(`complained: ${message.text()}`);
  });
  await page.goto(url);
  return { page, complaints: () => complaints, close: () => context.close() };
}

/** The violations that axe-core finds on the current page, one line per violation with its elements. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations, passes } = await page.evaluate<AxeResults>('axe.run()');
  if (passes.length === 0) throw new Error('axe checked nothing');
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
}
