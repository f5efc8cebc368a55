/** Pages of the console, signed in, and what holds for every one of them, whatever it was opened for. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, inject, vi } from 'vitest';
import { createClient } from '../../client/client.ts';
import { openPage, type WatchedPage } from './chromium.ts';

export interface ConsolePages {
  /** @param hash with its #, or nothing */
  readonly open: (hash?: string, options?: BrowserContextOptions) => Promise<Page>;
  /** @param hash behind the #, such as /tasks */
  readonly openSignedIn: (hash?: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Closes those that were opened, and judges them. */
  readonly close: () => Promise<void>;
}

export function createConsole(browser: () => Browser): ConsolePages {
  const opened: WatchedPage[] = [];
  const open = async (hash = '', options: BrowserContextOptions = {}) => {
    const watched = await openPage(browser(), options);
    opened.push(watched);
    await watched.page.goto(inject('consoleUrl') + hash);
    return watched.page;
  };
  return {
    open,
    async openSignedIn(hash, options) {
      const page = await open(`#key=${inject('apiKey')}`, options);
      await page.locator('main').waitFor();
      if (hash !== undefined) await page.goto(`${inject('consoleUrl')}#${hash}`);
      return page;
    },
    async close() {
      for (const { page, faults, asked } of opened.splice(0)) {
        await page.context().close();
        expect(faults).toEqual([]);
        const hosts = new Set(asked.map((url) => new URL(url).hostname));
        expect([...hosts].filter((host) => !/^(localhost|127\.0\.0\.1|)$/.test(host))).toEqual([]);
        expect(asked.filter((url) => url.includes(inject('apiKey')))).toEqual([]);
      }
    },
  };
}

/** Deletes all tasks: files of tests run in any order, and some begin where nobody has made any. */
export async function deleteTasks(): Promise<void> {
  const client = createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
  for await (const { taskId } of client.each('listTasks', {})) {
    // Refused of one that has ended, which is well.
    await client.cancelTask({ taskId }).catch(() => undefined);
    await vi.waitFor(() => client.deleteTask({ taskId }), { timeout: 20_000, interval: 200 });
  }
}
