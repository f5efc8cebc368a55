/** Dialogs in a real browser: what the keyboard and those who hear the page meet in every one of them. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, launchChromium, unlessSkipped } from '../support/chromium.ts';
import { createConsole } from '../support/consolePages.ts';
import { hear } from '../support/heard.ts';

const skip = CHROMIUM === undefined;

let browser: Browser;
const { openSignedIn, close } = createConsole(() => browser);
beforeAll(async () => {
  if (!skip) browser = await launchChromium();
});
afterAll(async () => {
  if (!skip) await browser.close();
});
afterEach(close);

const focused = (page: Page) =>
  page.evaluate<string>(
    "document.activeElement.closest('dialog') ? 'within' : document.activeElement.tagName",
  );

describe.skipIf(skip)(`a dialog${unlessSkipped}`, () => {
  it('keeps the keyboard inside, and gives it back at any number of Escapes', async () => {
    const page = await openSignedIn('/settings');
    const opener = page.getByRole('button', { name: 'Add an address' });
    for (const presses of [1, 2, 3]) {
      await opener.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Add an address' });
      await dialog.waitFor();
      // What is to be filled in comes first.
      const first = dialog.getByLabel('Address', { exact: true });
      expect(await first.and(page.locator(':focus')).count()).toBe(1);
      for (let stop = 0; stop < 12; stop++) {
        await page.keyboard.press('Tab');
        // Behind the last stop is what is around the page, which the browser calls its body.
        expect(['within', 'BODY']).toContain(await focused(page));
      }
      await dialog.getByRole('textbox').last().focus();
      for (let press = 0; press < presses; press++) await page.keyboard.press('Escape');
      // Closed by the browser at once, it leaves the page a moment later, and is opened anew only then.
      await page.locator('dialog').waitFor({ state: 'detached' });
      await expect.poll(() => opener.and(page.locator(':focus')).count()).toBe(1);
    }
  });

  it('stays open when a text in it is marked beyond its edge, and closes by a click beside it', async () => {
    const page = await openSignedIn('/settings');
    await page.getByRole('button', { name: 'Add an address' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add an address' });
    const field = dialog.getByLabel('Address', { exact: true });
    await field.fill('https://example.test/a-long-address');
    const box = await field.boundingBox();
    if (!box) throw new Error('The field is nowhere.');
    await page.mouse.move(box.x + box.width - 10, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(5, 5);
    await page.mouse.up();
    expect(await field.inputValue()).toBe('https://example.test/a-long-address');
    await page.mouse.click(5, 5);
    await dialog.waitFor({ state: 'detached' });
  });

  it('is where things are told while it is open: all else is inert', async () => {
    const page = await openSignedIn('/settings');
    const heard = await hear(page);
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    expect(await dialog.locator('#announcements').count()).toBe(1);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.locator('body > #announcements').count()).toBe(1);
    expect(await heard()).toEqual([]);
  });
});
