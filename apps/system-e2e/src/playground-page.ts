import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { openPage, type WatchedPage } from './browser';

/** The pages that a test opens, each in a session of its own. */
export interface OpenedPages {
  open(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Page>;
  /** Closes them all; what they complained of, which is to be nothing. */
  close(): Promise<string[]>;
}

export function createOpenedPages(): OpenedPages {
  let opened: WatchedPage[] = [];
  return {
    async open(browser, url, options) {
      const watched = await openPage(browser, url, options);
      opened.push(watched);
      await watched.page.getByRole('heading', { level: 1 }).waitFor();
      return watched.page;
    },
    async close() {
      const closing = opened;
      opened = [];
      await Promise.all(closing.map((each) => each.close()));
      return closing.flatMap((each) => each.complaints());
    },
  };
}

/** Fills query and documents, one a line, in either language. */
export async function fill(page: Page, query: string, documents: readonly string[]): Promise<void> {
  await page.getByRole('textbox', { name: /^(Query|查询)$/ }).fill(query);
  await page.getByRole('textbox', { name: /^(Documents|文档)$/ }).fill(documents.join('\n'));
}

/** The ranked documents, best first. */
export function items(page: Page): Locator {
  return page
    .getByRole('list', { name: /^(Documents, most relevant first|文档，最相关的在前)$/ })
    .getByRole('listitem');
}

/** Chooses the model whose name begins so, once the page knows it. */
export async function chooseModel(select: Locator, name: string): Promise<void> {
  const option = select.locator(`option[value^="${name}"]`);
  await option.waitFor({ state: 'attached' });
  await select.selectOption(await option.getAttribute('value'));
}
