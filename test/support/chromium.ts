/** The browser of this machine, and pages in it that are watched. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where Chromium is: as SHEAF_CHROMIUM says, or on the PATH. */
export const CHROMIUM: string | undefined = [
  process.env['SHEAF_CHROMIUM'] ?? '',
  ...(process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name))),
].find((path) => path !== '' && isProgram(path));

/** For names of tests that are skipped without it. */
export const unlessSkipped = CHROMIUM === undefined ? ' (skipped: Chromium is not here)' : '';

/** Without a sandbox, as containers and CI have none; the pages are our own. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ ...(CHROMIUM && { executablePath: CHROMIUM }), args: ['--no-sandbox'] });

export interface WatchedPage {
  readonly page: Page;
  /** What must not be: violations of the page's policy, errors that nobody caught, dialogs of scripts. */
  readonly faults: string[];
  /** Addresses that were asked for. */
  readonly asked: string[];
}

/** Opens an empty page in a context of its own. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ locale: 'en', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => {
    // Violations of the policy are errors of the console, in words of the browser.
    if (/Content Security Policy|Trusted Type/i.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => asked.push(request.url()));
  page.on('websocket', (socket) => asked.push(socket.url()));
  return { page, faults, asked };
}
