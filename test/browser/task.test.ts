/** A task in a real browser: followed, corrected, looked into. */
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import type { CreateTask } from '../../shared/schemas/taskApi.ts';
import { CHROMIUM, launchChromium, unlessSkipped } from '../support/chromium.ts';
import { createConsole } from '../support/consolePages.ts';
import { docx } from '../support/docx.ts';
import { hear } from '../support/heard.ts';
import { readZip } from '../support/readZip.ts';
import { startReceiver, type WebhookReceiver } from '../support/webhookReceiver.ts';

const skip = CHROMIUM === undefined;
const HOSTILE = '<img src=x onerror="alert(1)">';

const client = () => createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });

let browser: Browser;
const { openSignedIn, close } = createConsole(() => browser);
let templateId = '';
let receiver: WebhookReceiver;
beforeAll(async () => {
  if (skip) return;
  browser = await launchChromium();
  ({ templateId } = await upload('Letter', docx('Dear {name} of {city}')));
  receiver = await startReceiver({ '/hook': (response) => response.writeHead(204).end() });
});
afterAll(async () => {
  if (skip) return;
  await browser.close();
  await receiver.close();
});
afterEach(close);

const upload = (name: string, bytes: Uint8Array<ArrayBuffer>) =>
  client().uploadTemplate('letter.docx', bytes, name);

const people = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `Person ${i + 1}`, city: 'Bonn' }));
const createTask = async (body: Partial<CreateTask>) =>
  (await client().createTask({ body: { templateIds: [templateId], ...body } })).taskId;
async function ended(taskId: string): Promise<void> {
  const events = client().events({ taskId });
  while (!(await events.next()).done) continue;
}

/** Opens a task in a page of its own, signed in. @param more such as ?tab=log */
const openTask = (taskId: string, more = '', options?: BrowserContextOptions) =>
  openSignedIn(`/tasks/${taskId}${more}`, options);
const show = (page: Page, taskId: string, more = '') =>
  page.goto(`${inject('consoleUrl')}#/tasks/${taskId}${more}`);
const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { name, level: 1 });
const state = (page: Page, word: string) =>
  page.locator('.task-state .status').getByText(word, { exact: true });
const rowNamed = (page: Page, name: string) => page.getByRole('row', { name, exact: false });

describe.skipIf(skip)(`a task${unlessSkipped}`, () => {
  it('is started and followed to its end, which is said; its ZIP and its tables are saved', async () => {
    const taskId = await createTask({ name: 'To its end', data: people(300), fileName: '{name}' });
    const page = await openTask(taskId);
    await heading(page, 'To its end').waitFor();
    await state(page, 'Not started').waitFor();
    const heard = await hear(page);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await state(page, 'Done').waitFor();
    await expect.poll(async () => (await heard()).at(-1)).toBe('Done. 300 made, 0 failed.');
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('100');
    await page.locator('.legend').getByText('300 made').waitFor();

    const zip = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download ZIP' }).click();
    const entries = await readZip(await (await zip).path());
    expect([...entries.keys()].filter((name) => name.endsWith('.docx'))).toHaveLength(300);
    // Written when it is asked for first.
    const table = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    expect(readFileSync(await (await table).path(), 'utf8')).toContain('Person 300');

    await page.getByRole('link', { name: 'Log' }).click();
    await page.getByText('Rendering of 300 documents has begun.').waitFor();
  });

  it('says when its connection is cut in the middle, and shows its end when it is back', async () => {
    const taskId = await createTask({ name: 'Cut', data: people(2_000) });
    const page = await openTask(taskId);
    const heard = await hear(page);
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await state(page, 'Running').waitFor();
    await page.context().setOffline(true);
    // What is open already is cut, too.
    await page.getByText(/No connection|Connection lost/).waitFor();
    await ended(taskId);
    await state(page, 'Running').waitFor();
    await expect
      .poll(heard, { timeout: 10_000 })
      .toContain('No connection. Trying again by itself.');
    await page.context().setOffline(false);
    await state(page, 'Done').waitFor();
    await page.locator('.legend').getByText('2,000 made').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    // Lost, back and done, each once; of 2,000 documents no number in between.
    const said = await heard();
    const CONNECTION = /onnect/;
    expect(said.filter((text) => CONNECTION.test(text))).toEqual([
      'No connection. Trying again by itself.',
      'Connected again.',
    ]);
    expect(said.filter((text) => !CONNECTION.test(text)).length).toBeLessThanOrEqual(4);
  });

  it('that cannot be loaded has a page with a heading and a way to try again', async () => {
    const taskId = await createTask({ name: 'Away', data: people(1) });
    const page = await openSignedIn('/settings');
    await heading(page, 'Settings').waitFor();
    await page.route(`**/tasks/${taskId}*`, (route) => route.abort());
    await page.goto(`${inject('consoleUrl')}#/tasks/${taskId}`);
    await page.getByRole('alert').getByText('Sheaf cannot be reached.').waitFor();
    await heading(page, 'Tasks').waitFor();
    await page.unroute(`**/tasks/${taskId}*`);
    await page.getByRole('button', { name: 'Try again' }).click();
    await heading(page, 'Away').waitFor();
  });

  it('is paused after a word of what happens, resumed, cancelled and deleted', async () => {
    const taskId = await createTask({ name: 'Paused', data: people(12_000), autoStart: true });
    const page = await openTask(taskId);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Pause this task?' });
    await dialog.getByText(/are made and kept/).waitFor();
    await dialog.getByRole('button', { name: 'Pause' }).click();
    await state(page, 'Paused').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Cancel task' }).click();
    const cancel = page.getByRole('dialog', { name: 'Cancel this task for good?' });
    await cancel.getByText(/will not be made/).waitFor();
    await cancel.getByRole('button', { name: 'Cancel task' }).click();
    await state(page, 'Cancelled').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await heading(page, /^(Tasks|No task yet)$/).waitFor();
    expect(await page.getByRole('link', { name: 'Paused', exact: true }).count()).toBe(0);
  });

  it('has its webhooks, which are sent again by a click', async () => {
    const taskId = await createTask({
      name: 'Told',
      data: people(1),
      autoStart: true,
      webhookUrl: receiver.url('/hook'),
    });
    const page = await openTask(taskId, '?tab=webhooks');
    await rowNamed(page, 'task_completed').getByText('Delivered').waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => receiver.received('/hook').length).toBe(2);
    await page.getByText('2 attempts').waitFor();
  });
});

describe.skipIf(skip)(`rows that failed${unlessSkipped}`, () => {
  const failing = () =>
    createTask({
      name: 'Failing',
      data: [{ name: 'Ada' }, { name: 'Bo', city: 'Ulm' }, { name: 'Cy' }],
      fileName: '{name}-{row}',
      options: { missingValue: 'error' } as CreateTask['options'],
      autoStart: true,
    });

  it('are corrected in a grid and retried, by the keyboard alone; other tabs see it', async () => {
    const taskId = await failing();
    await ended(taskId);
    const page = await openTask(taskId);
    const tab = await page.context().newPage();
    await tab.goto(`${inject('consoleUrl')}#key=${inject('apiKey')}`);
    await tab.locator('main').waitFor();
    await show(tab, taskId, '?tab=documents');
    await rowNamed(tab, 'Row 1').getByText('Failed').waitFor();
    await page.bringToFront();

    const reach = async (name: string, role: 'link' | 'button') => {
      const wanted = page.getByRole(role, { name });
      await wanted.waitFor();
      for (let presses = 0; presses < 60; presses++) {
        const focused = await page.evaluate<string>('document.activeElement.innerText');
        if (focused.includes(name) && focused.length < name.length + 5) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`${name} cannot be reached.`);
    };
    await reach('Failures', 'link');
    await page.keyboard.press('Enter');
    const group = page.getByRole('region', { name: 'A value is missing: city' });
    await group.getByText('2 rows').waitFor();
    await reach('Correct and retry', 'button');
    await page.keyboard.press('Enter');
    // The first cell at fault has the focus.
    await expect
      .poll(() => page.evaluate<string>('document.activeElement.ariaLabel'))
      .toBe('city, row 1');
    await page.keyboard.type('Bonn');
    await page.keyboard.press('Enter');
    await page.keyboard.type(HOSTILE);
    await group.getByText('2 cells changed').waitFor();
    await reach('Retry 2 rows', 'button');
    await page.keyboard.press('Enter');
    await page.getByText('No document failed.').waitFor();
    await state(page, 'Done').waitFor();

    // The other tab hears of it by itself.
    await state(tab, 'Done').waitFor();
    await rowNamed(tab, 'Ada-1.docx').getByText('Made').waitFor();
    await tab.getByRole('link', { name: 'Cy-3.docx' }).click();
    const dialog = tab.getByRole('dialog', { name: 'Cy-3.docx' });
    await dialog.getByText(HOSTILE).first().waitFor();
    await dialog.getByText('corrected').waitFor();
    // It is looked at in the page, without the archive.
    await dialog.locator('.preview').getByText(`Dear Cy of ${HOSTILE}`).waitFor();
    expect(await dialog.locator('img').count()).toBe(0);
    const saved = tab.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download' }).click();
    expect((await saved).suggestedFilename()).toBe('Cy-3.docx');
    await tab.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await heading(page, /^(Tasks|No task yet)$/).waitFor();
    await tab.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await heading(tab, /was deleted/).waitFor();
  });

  it('take one value for all of them, which is kept while somebody else retries the task', async () => {
    const taskId = await failing();
    await ended(taskId);
    const page = await openTask(taskId, '?tab=failures');
    await page.getByRole('button', { name: 'Correct and retry' }).click();
    await page.getByLabel('Value for all rows, city').fill('Köln');
    await page.getByRole('button', { name: 'Put into all rows' }).click();
    await page.getByText('2 cells changed').waitFor();
    expect(await page.getByLabel('city, row 3').inputValue()).toBe('Köln');
    // Meanwhile somebody else retries a row: nothing of it is lost.
    await client().retryTask({ taskId, body: { rows: '2' } });
    await ended(taskId);
    await page.getByRole('button', { name: 'Retry 2 rows' }).click();
    await state(page, 'Done').waitFor();
    const { values } = await client().getRow({ taskId, row: 3 });
    expect(values['city']).toBe('Köln');
  });
});

describe.skipIf(skip)(`hostile names${unlessSkipped}`, () => {
  it('are text in every part of the page, at any width', async () => {
    const { templateId: hostile } = await upload(HOSTILE, docx(`{${'name'}} {note}`));
    const { dataSourceId } = await client().uploadDataSource(
      `${HOSTILE.replaceAll('/', '')}.csv`,
      Buffer.from(
        `name,note,${HOSTILE.replaceAll('"', '')}\n${'x'.repeat(180)},${HOSTILE.replaceAll('"', "'")},1\n<script>alert(1)</script>,,1\n`,
      ),
    );
    const taskId = await createTask({
      templateIds: [hostile],
      dataSourceId,
      name: `${HOSTILE} \u202e ${'long'.repeat(30)}`,
      fileName: '{name}',
      metadata: { [HOSTILE]: HOSTILE },
      options: { missingValue: 'error' } as CreateTask['options'],
      autoStart: true,
    });
    await ended(taskId);
    const page = await openTask(taskId, '', { viewport: { width: 360, height: 800 } });
    for (const part of [
      '',
      '?tab=failures',
      '?tab=documents',
      '?tab=log',
      '?tab=documents&row=1',
    ]) {
      await show(page, taskId, part);
      await page.locator('.task-state').waitFor();
      await page.waitForLoadState('networkidle');
      expect.soft(await page.locator('main img, main script').count(), part).toBe(0);
      const beyond = 'document.documentElement.scrollWidth - innerWidth';
      expect.soft(await page.evaluate<number>(beyond), part).toBeLessThanOrEqual(0);
    }
    await show(page, taskId, '?tab=failures');
    await page.getByRole('button', { name: 'Correct and retry' }).click();
    await page.getByText('All', { exact: true }).click();
    await page.getByLabel('<img src=x onerror=alert(1)>, row 2').waitFor();
  });
});

describe.skipIf(skip)(`100,000 rows${unlessSkipped}`, () => {
  it('are gone through without a halt: what is in view is drawn, and nothing else', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `Person ${i + 1},Bonn`);
    const { dataSourceId } = await client().uploadDataSource(
      'many.csv',
      Buffer.from(`name,city\n${lines.join('\n')}\n`),
    );
    // Most are passed over, which takes no time; they are listed all the same.
    const taskId = await createTask({
      dataSourceId,
      name: 'Many',
      fileName: '{name}-{row}',
      options: { rows: '1-40,99999', check: 'off' } as CreateTask['options'],
      autoStart: true,
    });
    await ended(taskId);
    const page = await openTask(taskId, '?tab=documents');
    await page.getByRole('button', { name: 'All 100,000' }).waitFor();
    await rowNamed(page, 'Person 1-1.docx').waitFor();
    const thousandth = page.getByRole('row', { name: /^1,000 / });
    for (let turn = 0; turn < 300 && (await thousandth.count()) === 0; turn++) {
      await page.mouse.wheel(0, 2_000);
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 50))');
      expect(await page.getByRole('row').count()).toBeLessThan(60);
    }
    await thousandth.waitFor();
    // By its number at once, however far down it is.
    await page.getByLabel('Find by row or name').fill('99999');
    await page.getByRole('link', { name: 'Person 99999-99999.docx' }).click();
    await page.getByRole('dialog', { name: 'Person 99999-99999.docx' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByLabel('Find by row or name').fill('person 3');
    await rowNamed(page, 'Person 39-39.docx').waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.getByLabel('Find by row or name').fill('PERSON 17');
    await page.getByText('1 document found').first().waitFor();
    await rowNamed(page, 'Person 17-17.docx').waitFor();
    expect(asked.filter((url) => url.includes('/documents?')).length).toBeLessThanOrEqual(2);
    await page.getByLabel('Find by row or name').fill('nobody');
    await page.getByText('None matches.').waitFor();
    await page.getByLabel('Find by row or name').fill('');
    await page.getByRole('button', { name: 'Made 41' }).click();
    await page.getByText('41 documents listed').waitFor();
    expect(page.url()).toContain('state=succeeded');
  });

  it('shows how far a search is, which can be stopped and gone on with', async () => {
    const taskId = await createTask({
      name: 'Stopped',
      data: [{ name: 'Ada' }, { name: 'Bo' }],
      fileName: '{name}-{row}',
      autoStart: true,
    });
    await ended(taskId);
    const page = await openTask(taskId, '?tab=documents');
    await rowNamed(page, 'Ada-1.docx').waitFor();
    // A service that has much to look through: the second page comes when it is let go.
    let letGo: () => void = () => undefined;
    const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
    const cursors: (string | null)[] = [];
    const found = (row: number) => ({
      ...{ row, template: 'letter', name: `Ada-${row}.docx`, status: 'succeeded', bytes: 1 },
    });
    await page.route('**/documents?*name=ada*', async (route) => {
      const cursor = new URL(route.request().url()).searchParams.get('cursor');
      cursors.push(cursor);
      if (cursor !== null) await isLetGo;
      const json =
        cursor === null
          ? { data: [found(1)], nextCursor: 'on', throughRow: 40_000, rowCount: 90_000 }
          : { data: [found(80_000)], nextCursor: null, throughRow: 90_000, rowCount: 90_000 };
      await route.fulfill({ json }).catch(() => undefined);
    });
    await page.getByLabel('Find by row or name').fill('ada');
    await page.getByText('Looking: row 40,000 of 90,000 …').waitFor();
    // What was found is there already.
    await rowNamed(page, 'Ada-1.docx').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('Stopped at row 40,000 of 90,000.').waitFor();
    letGo();
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
    expect(await page.getByText('Ada-80000.docx').count()).toBe(0);
    await page.getByRole('button', { name: 'Go on' }).click();
    await rowNamed(page, 'Ada-80000.docx').waitFor();
    expect(await page.getByText(/Looking|Stopped at/).count()).toBe(0);
    expect(cursors).toEqual([null, 'on', 'on']);
  });
});
