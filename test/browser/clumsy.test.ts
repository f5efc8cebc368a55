/** What goes wrong at a desk: wrong files, files that are gone, clicks that come twice. */
import type { Browser, Page } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createClient, type SheafClient } from '../../client/client.ts';
import { CHROMIUM, launchChromium, unlessSkipped } from '../support/chromium.ts';
import { createConsole } from '../support/consolePages.ts';
import { docx } from '../support/docx.ts';

const skip = CHROMIUM === undefined;
const example = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url));

let browser: Browser;
let client: SheafClient;
const { openSignedIn, close } = createConsole(() => browser);

beforeAll(async () => {
  if (skip) return;
  browser = await launchChromium();
  client = createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
});
afterAll(async () => {
  if (!skip) await browser.close();
});
afterEach(close);

const drop = (page: Page, name: string, content: Uint8Array) =>
  page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: '', buffer: Buffer.from(content) });
const wayOn = (page: Page, name: string) => page.getByRole('link', { name: `Next: ${name}` });

describe.skipIf(skip)(`a new task, with the wrong files${unlessSkipped}`, () => {
  it('says in words of the page which file is wrong, and does not lead on with a table at fault', async () => {
    const page = await openSignedIn('/new');
    await drop(page, 'people.csv', example('people.csv'));
    const alert = page.getByRole('alert');
    await alert.getByText('This is a table').waitFor();
    expect(await alert.innerText()).not.toContain('/fileName');
    await drop(page, 'faulty.docx', docx('Dear {name', 'Yours'));
    await alert.getByText('(paragraph 1)').waitFor();
    await drop(page, 'letter.docx', docx('Dear {name}'));
    await wayOn(page, 'Data').click();
    await drop(page, 'nobody.csv', Buffer.from('name,place\n'));
    await page.getByText('This table cannot be used yet').waitFor();
    await page.getByText('Choose another to go on.').waitFor();
    expect(await wayOn(page, 'Check').count()).toBe(0);
    expect(await page.getByRole('navigation', { name: 'Steps' }).getByRole('link').count()).toBe(2);
    await page.getByRole('button', { name: 'Choose another table' }).click();
    await drop(page, 'somebody.csv', Buffer.from('name,place\nAda,London\nJo,Leeds\n'));
    await wayOn(page, 'Check').click();
    await page.getByText('2 rows checked').waitFor();
    // By the browser's own ways back and forth, too, all that was chosen stays.
    await wayOn(page, 'Start').click();
    await page.getByLabel('Name of the task').fill('Mine');
    await page.goBack();
    await page.goBack();
    await page.getByLabel('Column for {name}').selectOption('place');
    await page.goForward();
    await page.getByText('2 rows checked').waitFor();
    await wayOn(page, 'Start').click();
    expect(await page.getByLabel('Name of the task').inputValue()).toBe('Mine');
    expect(page.url()).toContain(encodeURIComponent('{"name":"place"}'));
  });

  it('does not halt at a book for a template, and a table with the most columns that there can be', async () => {
    const page = await openSignedIn('/new');
    const halts = `{
      window.longest = 0;
      let before = performance.now();
      setInterval(() => {
        const now = performance.now();
        window.longest = Math.max(window.longest, now - before);
        before = now;
      }, 20);
    }`;
    await page.evaluate(halts);
    const paragraphs = Array.from({ length: 10_000 }, (_, i) =>
      i < 200 ? `{t${i}}` : `Paragraph ${i} ${(i * 7919) % 10_007}`,
    );
    await drop(page, 'book.docx', docx(...paragraphs));
    await page.getByText('Only the first 30 pages are drawn here.').waitFor();
    await wayOn(page, 'Data').click();
    const columns = Array.from({ length: 16_384 }, (_, i) => `c${i}`);
    await drop(page, 'wide.csv', Buffer.from(`${columns.join(',')}\n${columns.join(',')}\n`));
    await page.getByText('16,384 columns').first().waitFor();
    await page.getByLabel('Column for {t7}', { exact: true }).focus();
    await page.getByLabel('Column for {t7}', { exact: true }).selectOption('c16383');
    // Some 10 s each, where everything is drawn at once.
    expect(await page.evaluate<number>('window.longest')).toBeLessThan(4_000);
    expect(page.url()).toContain(encodeURIComponent('{"t7":"c16383"}'));
  });

  it('keeps the search through what was uploaded, whatever is found by it', async () => {
    const { templateId } = await client.uploadTemplate('found.docx', docx('Dear {name}'));
    const page = await openSignedIn('/new');
    const search = page.getByRole('searchbox');
    await search.fill('nothing is called so');
    await page.getByText('Nothing matches.').waitFor();
    await search.fill('');
    await page
      .getByRole('button', { name: /^found/ })
      .first()
      .waitFor();
    expect(await search.and(page.locator(':focus')).count()).toBe(1);
    await client.deleteTemplate({ templateId });
  });

  it('leads back to where another is chosen, when a template or a table was deleted meanwhile', async () => {
    const { templateId } = await client.uploadTemplate('letter.docx', docx('Dear {name}'));
    const { dataSourceId } = await client.uploadDataSource(
      'people.csv',
      Buffer.from('name\nAda\nJo\nKim\n'),
    );
    const page = await openSignedIn(`/new?step=start&template=${templateId}&data=${dataSourceId}`);
    // Rows that are chosen are those that are counted.
    await page.getByText('More options').click();
    await page.getByLabel('Only some rows').fill('1,3');
    await page.getByLabel('Only some rows').blur();
    await page.getByRole('button', { name: 'Start: 2 documents' }).waitFor();
    await client.deleteDataSource({ dataSourceId });
    await page.getByRole('button', { name: /^Start/ }).click();
    await page.getByText('This table was deleted. Choose another one.').waitFor();
    await client.deleteTemplate({ templateId });
    await drop(page, 'others.csv', Buffer.from('name\nAda\n'));
    await page.getByText('This template was deleted. Choose another one.').waitFor();
    await drop(page, 'letter.docx', docx('Dear {name}'));
    await wayOn(page, 'Data').waitFor();
  });
});
