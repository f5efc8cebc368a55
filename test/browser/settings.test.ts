/** Webhook addresses in a real browser: the secret, tests, deliveries, their end. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import { CHROMIUM, launchChromium, unlessSkipped } from '../support/chromium.ts';
import { createConsole } from '../support/consolePages.ts';

const skip = CHROMIUM === undefined;
const TEMPLATE = new URL('../../examples/offer-letter.docx', import.meta.url);
/** Leads nowhere, as RFC 2606 says. */
const URL_OF_HOOK = 'https://hooks.invalid/sheaf';

let browser: Browser;
const { openSignedIn, close } = createConsole(() => browser);
beforeAll(async () => {
  if (!skip) browser = await launchChromium();
});
afterAll(async () => {
  if (!skip) await browser.close();
});
afterEach(close);

describe.skipIf(skip)(`webhook addresses${unlessSkipped}`, () => {
  it('are added with a secret that is told once, tested, looked into and deleted, by the keyboard alone', async () => {
    const client = createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
    const page = await openSignedIn('/settings', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByRole('button', { name: 'Add an address' }).focus();
    await page.keyboard.press('Enter');
    const field = page.getByLabel('Address', { exact: true });
    await field.focus();
    await page.keyboard.type('no address');
    await page.keyboard.press('Enter');
    await page.getByText('This is no address.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill(URL_OF_HOOK);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ledger');
    await page.keyboard.press('Enter');

    await page.getByText('The secret of this address').waitFor();
    const secret = await page.locator('.copy-text code').innerText();
    expect(secret).toMatch(/^whsec_/);
    await page.getByRole('button', { name: 'Copy', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(secret);
    await page.getByRole('button', { name: 'I have copied it' }).focus();
    await page.keyboard.press('Enter');
    expect(await page.content()).not.toContain('whsec_');
    await page.reload();
    await page.getByText(URL_OF_HOOK).waitFor();
    expect(await page.content()).not.toContain('whsec_');
    await page.getByText('Ledger · when a task has ended').waitFor();

    await page.getByRole('button', { name: 'Send a test' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(/The test was not delivered\. \(/).waitFor();

    const { templateId } = await client.uploadTemplate('hooked.docx', readFileSync(TEMPLATE));
    const { taskId } = await client.createTask({
      body: { templateIds: [templateId], data: [{ name: 'Ada' }], name: 'Hooked', autoStart: true },
    });
    for await (const event of client.events({ taskId })) void event;
    await page.getByRole('button', { name: 'Recent deliveries' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Recent deliveries' });
    await expect
      .poll(
        async () => {
          await dialog.getByRole('button', { name: 'Look again' }).click();
          return dialog.getByText('task_completed').count();
        },
        { timeout: 30_000, interval: 1_000 },
      )
      .toBe(1);
    await dialog.getByRole('link', { name: 'Hooked' }).waitFor();
    await dialog.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('It is sent again.').waitFor();
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: `Delete ${URL_OF_HOOK}` }).focus();
    await page.keyboard.press('Enter');
    await page
      .getByRole('dialog', { name: 'Delete this address?' })
      .getByRole('button', { name: 'Delete' })
      .click();
    await page.getByText('No address yet.').waitFor();
    expect((await client.listWebhookEndpoints({})).data).toEqual([]);
    await client.deleteTask({ taskId });
    await client.deleteTemplate({ templateId });
  });
});
