/** Webhook addresses in a real browser: the secret, tests, deliveries, their end. */
import { readFileSync } from 'node:fs';
import type { Browser, Locator } from 'playwright-core';
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

/** More than any page here has to stop at. */
const MAX_STOPS = 80;

/** Goes there by the Tab key. */
async function reach(what: Locator): Promise<void> {
  await what.waitFor();
  const isReached = what.and(what.page().locator(':focus'));
  for (let stop = 0; stop < MAX_STOPS && (await isReached.count()) === 0; stop++) {
    await what.page().keyboard.press('Tab');
  }
  expect(await isReached.count(), `the Tab key does not come to ${String(what)}`).toBe(1);
}

async function press(button: Locator): Promise<void> {
  await reach(button);
  await button.page().keyboard.press('Enter');
}

describe.skipIf(skip)(`webhook addresses${unlessSkipped}`, () => {
  it('are added with a secret that is told once, tested, looked into and deleted, by the keyboard alone', async () => {
    const client = createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
    const page = await openSignedIn('/settings', {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await press(page.getByRole('button', { name: 'Add an address' }));
    const field = page.getByLabel('Address', { exact: true });
    await reach(field);
    await page.keyboard.type('no address');
    await page.keyboard.press('Enter');
    await page.getByText('This is no address.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await reach(field);
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(URL_OF_HOOK);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ledger');
    await page.keyboard.press('Enter');

    await page.getByText('The secret of this address').waitFor();
    const secret = await page.locator('.copy-text code').innerText();
    expect(secret).toMatch(/^whsec_/);
    await press(page.getByRole('button', { name: 'Copy', exact: true }));
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(secret);
    await press(page.getByRole('button', { name: 'I have copied it' }));
    expect(await page.content()).not.toContain('whsec_');
    await page.reload();
    await page.getByText(URL_OF_HOOK).waitFor();
    expect(await page.content()).not.toContain('whsec_');
    await page.getByText('Ledger · when a task has ended').waitFor();

    await press(page.getByRole('button', { name: 'Send a test' }));
    await page.getByText(/The test was not delivered\. \(/).waitFor();

    const { templateId } = await client.uploadTemplate('hooked.docx', readFileSync(TEMPLATE));
    const { taskId } = await client.createTask({
      body: { templateIds: [templateId], data: [{ name: 'Ada' }], name: 'Hooked', autoStart: true },
    });
    for await (const event of client.events({ taskId })) void event;
    await press(page.getByRole('button', { name: 'Recent deliveries' }));
    const dialog = page.getByRole('dialog', { name: 'Recent deliveries' });
    await expect
      .poll(
        async () => {
          await press(dialog.getByRole('button', { name: 'Look again' }));
          return dialog.getByText('task_completed').count();
        },
        { timeout: 30_000, interval: 1_000 },
      )
      .toBe(1);
    await dialog.getByRole('link', { name: 'Hooked' }).waitFor();
    await press(dialog.getByRole('button', { name: 'Send again' }));
    await page.getByText('It is sent again.').waitFor();
    await page.keyboard.press('Escape');
    const opener = page.getByRole('button', { name: 'Recent deliveries' });
    await expect.poll(() => opener.and(page.locator(':focus')).count()).toBe(1);

    await press(page.getByRole('button', { name: `Delete ${URL_OF_HOOK}` }));
    const asked = page.getByRole('dialog', { name: 'Delete this address?' });
    await press(asked.getByRole('button', { name: 'Delete' }));
    await page.getByText('No address yet.').waitFor();
    // What the dialog was opened by is gone: the keyboard goes on where it was.
    const around = page.getByRole('heading', { name: 'Webhooks' });
    await expect.poll(() => around.and(page.locator(':focus')).count()).toBe(1);
    expect((await client.listWebhookEndpoints({})).data).toEqual([]);
    await client.deleteTask({ taskId });
    await client.deleteTemplate({ templateId });
  });
});
