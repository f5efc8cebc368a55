/** A new task, step by step, in a real browser. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import {
  CHROMIUM,
  launchChromium,
  openPage,
  unlessSkipped,
  type WatchedPage,
} from '../support/chromium.ts';
import { docx } from '../support/docx.ts';

const skip = CHROMIUM === undefined;
const HOSTILE = '<img src=x onerror="alert(1)">';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const example = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url));
const file = (name: string, buffer: Uint8Array, mimeType = DOCX) => ({
  name,
  mimeType,
  buffer: Buffer.from(buffer),
});

let browser: Browser;
const opened: WatchedPage[] = [];

beforeAll(async () => {
  if (!skip) browser = await launchChromium();
});
afterAll(async () => {
  if (!skip) await browser.close();
});
/** What holds for every page, whatever it was opened for. */
afterEach(async () => {
  for (const { page, faults, asked } of opened.splice(0)) {
    await page.context().close();
    expect(faults).toEqual([]);
    expect(asked.filter((url) => url.includes(inject('apiKey')))).toEqual([]);
  }
});

async function open(hash: string, options: Parameters<typeof openPage>[1] = {}): Promise<Page> {
  const watched = await openPage(browser, options);
  opened.push(watched);
  const { page } = watched;
  await page.goto(`${inject('consoleUrl')}#key=${inject('apiKey')}`);
  await page.locator('.shell').waitFor();
  await page.goto(`${inject('consoleUrl')}${hash}`);
  return page;
}

describe.skipIf(skip)(`the template${unlessSkipped}`, () => {
  it('is dropped, its tags are listed, and its page is drawn', async () => {
    const page = await open('#/new');
    await page
      .locator('input[type=file]')
      .setInputFiles(file('offer.docx', example('offer-letter.docx')));
    const facts = page.getByRole('region', { name: 'What rows fill in' });
    await facts.getByText('{#benefits}').waitFor();
    expect(await facts.locator('.tags .tags').first().innerText()).toContain('{');
    const drawn = page.getByRole('group', { name: 'Preview of offer.docx' });
    await drawn.getByText('Your offer: {position}').waitFor();
    expect(await drawn.locator('table').count()).toBe(3);
    // The address alone brings it back; the file that was dropped here is gone then.
    await page.reload();
    await facts.getByText('{#benefits}').waitFor();
    await page.getByText('Drop the file again to see it.').waitFor();
  });

  it('is refused with its faults in words, beside its page, and takes text for text', async () => {
    const page = await open('#/new');
    const faulty = docx(`Dear {name, ${HOSTILE}`, '{#items}never closed');
    await page
      .locator('input[type=file]')
      .setInputFiles(file(`${HOSTILE.replaceAll('/', '')}.docx`, faulty));
    await page.getByText('This document cannot be a template yet').waitFor();
    expect(await page.locator('.faults li').count()).toBeGreaterThan(1);
    await page
      .getByRole('group', { name: /^Preview of <img/ })
      .getByText(HOSTILE)
      .waitFor();
    expect(await page.locator('main img').count()).toBe(0);
  });
});
