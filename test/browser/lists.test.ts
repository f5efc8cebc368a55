/** The lists of templates and tables in a real browser: adding, looking, searching, deleting. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import type { TemplateView } from '../../shared/schemas/templateApi.ts';
import { CHROMIUM, launchChromium, unlessSkipped } from '../support/chromium.ts';
import { createConsole } from '../support/consolePages.ts';

const EXAMPLES = new URL('../../examples/', import.meta.url);
const TEMPLATE = readFileSync(new URL('offer-letter.docx', EXAMPLES));
const TABLE = readFileSync(new URL('people.csv', EXAMPLES));
const skip = CHROMIUM === undefined;
const HOSTILE = '<b onclick="alert(1)">{{7*7}}';
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

let browser: Browser;
const { openSignedIn, close } = createConsole(() => browser);
beforeAll(async () => {
  if (!skip) browser = await launchChromium();
});
afterAll(async () => {
  if (!skip) await browser.close();
});
afterEach(close);

const client = () => createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
const row = (page: Page, name: RegExp) => page.getByRole('row', { name });

describe.skipIf(skip)(`templates${unlessSkipped}`, () => {
  it('are added by dropping a file, looked into, and downloaded as a sheet to fill in', async () => {
    const page = await openSignedIn('/templates');
    await page.getByRole('heading', { name: 'Templates', level: 1 }).waitFor();
    await page
      .getByLabel('Choose a file')
      .setInputFiles({ name: 'Offer.docx', mimeType: DOCX, buffer: TEMPLATE });
    const dialog = page.getByRole('dialog', { name: 'Offer' });
    await dialog.getByText('24 tags').waitFor();
    await dialog.getByText('name', { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Data sheet' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/Offer.*\.xlsx$/);
    expect(
      readFileSync(await download.path())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
    await page.keyboard.press('Escape');
    await row(page, /Offer/).getByText('Ready').waitFor();
    expect(page.url()).not.toContain('look=');
  });

  it('that are refused say every fault, and are not kept', async () => {
    const page = await openSignedIn('/templates');
    await page
      .getByLabel('Choose a file')
      .setInputFiles({ name: 'Refused.docx', mimeType: DOCX, buffer: Buffer.from('no document') });
    await page.getByRole('alert').getByText('That did not work').waitFor();
    await page.getByRole('alert').getByText(/Word/).first().waitFor();
    const { data } = await client().listTemplates({});
    expect(data.filter(({ fileName }) => fileName === 'Refused.docx')).toEqual([]);
  });

  it('show where they are used, and their deletion names what goes on without them', async () => {
    const { templateId } = await client().uploadTemplate('used.docx', TEMPLATE, HOSTILE);
    const tasks = await Promise.all(
      ['First of five', 'Two', 'Three', 'Four', 'Five'].map((name) =>
        client().createTask({ body: { templateIds: [templateId], data: [{ name: 'Ada' }], name } }),
      ),
    );
    const page = await openSignedIn('/templates');
    await row(page, /<b on/).getByText('5 tasks').waitFor();
    await page.getByRole('link', { name: /<b on/ }).click();
    const dialog = page.getByRole('dialog', { name: /<b on/ });
    await dialog.getByRole('link', { name: 'First of five' }).waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    const question = page.getByRole('dialog', { name: /^Delete the template/ });
    await question.getByText(/5 tasks use it:.*2 others/).waitFor();
    await question.getByRole('button', { name: 'Delete' }).click();
    await row(page, /<b on/).waitFor({ state: 'detached' });
    await page.getByRole('dialog').first().waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate<string>('document.activeElement.tagName')).toBe('H1');
    await expect(client().getTemplate({ templateId })).rejects.toThrow(/./);
    for (const { taskId } of tasks) await client().deleteTask({ taskId });
    expect(await page.locator('main b[onclick]').count()).toBe(0);
  });

  it('stay quick when there are 10,000: searched through, and what is in view is drawn', async () => {
    const page = await openSignedIn('/templates');
    const [sample] = (await client().listTemplates({ limit: 1 })).data;
    await page.route('**/api/v2/templates*', async (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
      const data = Array.from(
        { length: 100 },
        (_, i): TemplateView | undefined =>
          sample && {
            ...sample,
            templateId: `${sample.templateId.slice(0, -5)}${99_999 - from - i}`,
            name: `Template ${from + i}`,
          },
      );
      await route.fulfill({
        json: { data, nextCursor: from + 100 < 10_000 ? String(from + 100) : null },
      });
    });
    await page.reload();
    await page.getByLabel('Search templates').fill('template 9999');
    await row(page, /Template 9999/).waitFor();
    expect(page.url()).toContain('q=template');
    await page.getByLabel('Search templates').fill('template');
    await page.locator('.list-end', { hasText: '10,000 templates' }).waitFor();
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await row(page, /Template 9999/).waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    await page.getByLabel('Search templates').fill('nothing like it');
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await row(page, /Template 0/).waitFor();
  });
});

describe.skipIf(skip)(`tables${unlessSkipped}`, () => {
  it('are added, and shown as they were read', async () => {
    const page = await openSignedIn('/data');
    await page
      .getByLabel('Choose a file')
      .setInputFiles({ name: 'People.csv', mimeType: 'text/csv', buffer: TABLE });
    const dialog = page.getByRole('dialog', { name: 'People.csv' });
    await dialog.getByRole('columnheader', { name: 'name', exact: true }).waitFor();
    expect(await dialog.getByRole('row').count()).toBe(9);
    await page.goBack();
    await dialog.waitFor({ state: 'detached' });
  });

  it('that cannot be read say why, and names in them stay text', async () => {
    const page = await openSignedIn('/data');
    await page.getByLabel('Choose a file').setInputFiles({
      name: 'bad.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`${HOSTILE},${HOSTILE}\n1,2\n`),
    });
    const dialog = page.getByRole('dialog', { name: 'bad.csv' });
    await dialog.getByText(/fault in the file|faults in the file/).waitFor();
    await dialog.getByText('Its file cannot be used.').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page
      .getByRole('dialog', { name: /^Delete the table/ })
      .getByText('No task uses it.')
      .waitFor();
    await page
      .getByRole('dialog', { name: /^Delete the table/ })
      .getByRole('button', { name: 'Delete' })
      .click();
    await row(page, /bad\.csv/).waitFor({ state: 'detached' });
    expect(await page.locator('dialog img, main b[onclick]').count()).toBe(0);
  });

  it('are led by the keyboard alone: to the list, into one, and out of it', async () => {
    const page = await openSignedIn('/tasks');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.getByRole('heading', { name: 'Data', level: 1 }).waitFor();
    await row(page, /People\.csv/).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('people');
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('People.csv');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'People.csv' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect
      .poll(() => page.evaluate<string>('document.activeElement.textContent'))
      .toBe('People.csv');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Delete the table “People.csv”?' }).waitFor();
    // The first that is reached closes it; nothing is deleted by one key.
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await row(page, /People\.csv/).waitFor();
  });
});
