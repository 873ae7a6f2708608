import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { openPage, type WatchedPage } from './browser';

/** The pages of a test, each in its own browser session. */
export interface OpenedPages {
  open(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Page>;
  /** Closes all pages. Returns their complaints, which must be empty. */
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

/** Fills in the query and the documents, one per line, in either language. */
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

/** Selects the model whose name begins with a text, when the page lists it. */
export async function chooseModel(select: Locator, name: string): Promise<void> {
  const option = select.locator(`option[value^="${name}"]`);
  await option.waitFor({ state: 'attached' });
  await select.selectOption(await option.getAttribute('value'));
}
