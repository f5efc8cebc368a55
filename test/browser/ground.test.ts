/** The console in a real browser: who is signed in, the first visit, the list of tasks. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import type { TaskView } from '../../shared/schemas/taskApi.ts';
import { CHROMIUM, launchChromium, unlessSkipped } from '../support/chromium.ts';
import { createConsole, deleteTasks } from '../support/consolePages.ts';

const TEMPLATE = new URL('../../examples/offer-letter.docx', import.meta.url);
const skip = CHROMIUM === undefined;
const HOSTILE = '<img src=x onerror="alert(1)">{{7*7}}\u202e';

let browser: Browser;
const { open, openSignedIn, close } = createConsole(() => browser);

beforeAll(async () => {
  if (skip) return;
  browser = await launchChromium();
  await deleteTasks();
});
afterAll(async () => {
  if (!skip) await browser.close();
});
afterEach(close);

const stored = (page: Page, store: 'sessionStorage' | 'localStorage') =>
  page.evaluate<string>(`JSON.stringify(${store})`);
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });

describe.skipIf(skip)(`signing in${unlessSkipped}`, () => {
  it('by a link: the key leaves the address at once, and stays in the tab', async () => {
    const page = await openSignedIn();
    await heading(page, 'No task yet').waitFor();
    expect(page.url()).toBe(inject('consoleUrl'));
    expect(await stored(page, 'sessionStorage')).toContain(inject('apiKey'));
    expect(await stored(page, 'localStorage')).not.toContain(inject('apiKey'));
    await page.reload();
    await heading(page, 'No task yet').waitFor();
    // The way back does not lead to it either.
    expect(await page.evaluate<number>('history.length')).toBeLessThanOrEqual(2);
    const other = await page.context().newPage();
    await other.goto(inject('consoleUrl'));
    await heading(other, 'Sheaf').waitFor();
  });

  it('by a link in a tab that is signed in, and where the browser keeps nothing', async () => {
    const page = await openSignedIn('/settings');
    await heading(page, 'Settings').waitFor();
    await page.goto(`${inject('consoleUrl')}#key=${inject('apiKey')}`);
    await heading(page, 'No task yet').waitFor();
    const bare = await page.context().newPage();
    await bare.addInitScript(
      `for (const name of ['sessionStorage', 'localStorage']) {
        Object.defineProperty(window, name, { get() { throw new DOMException('', 'SecurityError'); } });
      }`,
    );
    await bare.goto(`${inject('consoleUrl')}#key=${inject('apiKey')}`);
    await heading(bare, 'No task yet').waitFor();
    await bare.getByRole('link', { name: 'Settings' }).click();
    await heading(bare, 'Settings').waitFor();
  });

  it('by the key, which is refused when it is wrong, and remembered when somebody asks for it', async () => {
    const page = await open();
    const field = page.getByLabel('API key');
    await field.fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('This key is not accepted.').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill(inject('apiKey'));
    await page.getByLabel('Remember me').check();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await heading(page, 'No task yet').waitFor();
    expect(await stored(page, 'localStorage')).toContain(inject('apiKey'));
    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading(page, 'Sheaf').waitFor();
    expect(await stored(page, 'localStorage')).not.toContain(inject('apiKey'));
    expect(await stored(page, 'sessionStorage')).not.toContain(inject('apiKey'));
  });
});

describe.skipIf(skip)(`languages and looks${unlessSkipped}`, () => {
  it('are the browser’s, until somebody chooses others', async () => {
    const page = await openSignedIn(undefined, { locale: 'zh-CN', colorScheme: 'dark' });
    await heading(page, '还没有任务').waitFor();
    expect(await page.evaluate<string>('document.documentElement.lang')).toBe('zh-CN');
    const paper = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const dark = await paper();
    await page.getByRole('link', { name: '设置' }).click();
    await page.getByLabel('浅色').check();
    await expect.poll(paper).not.toBe(dark);
    await page.getByLabel('English').check();
    await heading(page, 'Settings').waitFor();
    expect(await page.evaluate<string>('document.documentElement.lang')).toBe('en');
    await page.reload();
    await heading(page, 'Settings').waitFor();
    expect(await paper()).not.toBe(dark);
  });

  it('stay as they are where the texts of others cannot be loaded, and say so', async () => {
    const page = await openSignedIn('/settings');
    await heading(page, 'Settings').waitFor();
    await page.route(/assets\/settings-/, (route) => route.abort());
    await page.getByText('中文').click();
    await page.getByText('A part of the page could not be loaded.').first().waitFor();
    expect(await page.getByLabel('English').isChecked()).toBe(true);
    await heading(page, 'Settings').waitFor();
    await page.unroute(/assets\/settings-/);
    await page.getByLabel('中文').check();
    await heading(page, '设置').waitFor();
    // Pages that were not there yet speak it, too.
    await page.getByRole('link', { name: '模板' }).click();
    await heading(page, '模板').waitFor();
  });

  it('change on all of a page at once', async () => {
    const page = await openSignedIn('/settings');
    await heading(page, 'Settings').waitFor();
    await page.route(/assets\/settings-/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue();
    });
    await page.evaluate(`
      new MutationObserver(() => {
        const text = document.querySelector('.shell').innerText;
        if (/Usage/.test(text) && /新建任务|模板/.test(text)) window.isMixed = true;
      }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
    await page.getByLabel('中文').check();
    await heading(page, '设置').waitFor();
    expect(await page.evaluate<boolean>('window.isMixed === true')).toBe(false);
  });
});

describe.skipIf(skip)(`a page whose scripts are not there any more${unlessSkipped}`, () => {
  it.each(['wizard', 'parts'])('says so, and is loaded anew: %s', async (name) => {
    const page = await openSignedIn();
    await page.locator('main h1').waitFor();
    await page.route(new RegExp(`assets/${name}-`), (route) => route.fulfill({ status: 404 }));
    await page.getByRole('link', { name: 'New task' }).click();
    await page.getByText('A part of the page could not be loaded.').waitFor();
    // The page of now names the scripts of now.
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Load anew' }).click();
    await page.getByText('Drop a Word document here').waitFor();
  });

  it('says so where a document is to be drawn', async () => {
    const page = await openSignedIn('/new');
    await page.route(/assets\/drawDocument-/, (route) => route.fulfill({ status: 404 }));
    await page.locator('input[type=file]').setInputFiles(fileURLToPath(TEMPLATE));
    await page.getByText('A part of the page could not be loaded.').waitFor();
    expect(await page.getByText('This document cannot be drawn here.').count()).toBe(0);
  });
});

describe.skipIf(skip)(`the first visit${unlessSkipped}`, () => {
  it('shows the example in one click, from files to the end of its task', async () => {
    const page = await openSignedIn();
    await page.getByRole('button', { name: 'See it with the example' }).click();
    await heading(page, 'Example: offer letters').waitFor();
    await page.locator('.task-state').getByText('Done, with failures').waitFor();
    await page.getByRole('link', { name: 'Tasks' }).click();
    const row = page.getByRole('row', { name: /Example: offer letters/ });
    await row.getByText('Done, with failures').waitFor();
    await expect.poll(() => row.innerText()).toContain('1,000 documents · 2 failed');
    await page.getByText('Live', { exact: true }).waitFor();
  });
});

describe.skipIf(skip)(`the list of tasks${unlessSkipped}`, () => {
  const client = () => createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
  const templateId = async () =>
    (await client().uploadTemplate('hostile.docx', readFileSync(TEMPLATE), HOSTILE)).templateId;

  it('shows what others begin, takes names for text, and acts upon many', async () => {
    const page = await openSignedIn();
    await heading(page, 'Tasks').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    const body = { templateIds: [await templateId()], data: [{ name: HOSTILE }] };
    for (const name of [HOSTILE, 'Second']) await client().createTask({ body: { ...body, name } });
    await client().createTask({ body: { ...body, name: 'Third', autoStart: true } });
    // New ones do not make the list jump.
    await page.getByRole('button', { name: /1 new task/ }).click();
    const row = page.getByRole('row', { name: /<img/ });
    await row.waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await page.getByRole('row', { name: /Third/ }).getByText('Done').waitFor();

    // Whoever searches, searches through those as well that were only announced.
    await client().createTask({ body: { ...body, name: 'Fourth', autoStart: true } });
    await page.getByRole('button', { name: /1 new task/ }).waitFor();
    await page.getByLabel('Search by name').fill('fourth');
    await page.getByRole('row', { name: /Fourth/ }).waitFor();
    await page.getByLabel('Search by name').fill('');

    await page.getByRole('button', { name: /^Waiting 2/ }).click();
    expect(page.url()).toContain('state=waiting');
    await page.getByLabel('Select all that are shown').check();
    await page.getByText('2 selected').waitFor();
    await page.getByRole('button', { name: 'Cancel task' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel this task for good?' });
    await dialog.getByText('This concerns 2 tasks.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel task' }).click();
    await page.getByText('No task matches.').waitFor();
    await page.getByLabel('Search by name').fill('second');
    await page.getByRole('button', { name: /^All/ }).click();
    await page
      .getByRole('row', { name: /Second/ })
      .getByText('Cancelled')
      .waitFor();
    expect(await page.getByRole('row').count()).toBe(2);
  });

  it('is led by the keyboard alone', async () => {
    const page = await openSignedIn();
    await heading(page, 'Tasks').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await heading(page, 'Settings').waitFor();
    await expect.poll(() => page.evaluate<string>('document.activeElement.id')).toBe('content');
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await heading(page, 'Tasks').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('third');
    await page.getByRole('row', { name: /Third/ }).waitFor();
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
  });

  it('stays quick with 10,000 of them: what is in view is drawn, and nothing else', async () => {
    const page = await openSignedIn();
    await heading(page, 'Tasks').waitFor();
    const [sample] = (await client().listTasks({ limit: 1 })).data;
    await page.route('**/api/v2/batch/tasks?*', async (route) => {
      const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
      const data = Array.from(
        { length: 100 },
        (_, i): TaskView | undefined =>
          sample && {
            ...sample,
            taskId: `${sample.taskId.slice(0, -5)}${99_999 - from - i}`,
            name: `Task ${from + i}`,
          },
      );
      const nextCursor = from + 100 < 10_000 ? String(from + 100) : null;
      await route.fulfill({ json: { data, nextCursor } });
    });
    await page.reload();
    // All are searched, so all are loaded; the one that is wanted is the last.
    await page.getByLabel('Search by name').fill('Task');
    await page.locator('.list-end', { hasText: '10,000 tasks' }).waitFor();
    await page.getByRole('row', { name: /Task 0/ }).waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    for (let turn = 0; turn < 20; turn++) {
      await page.mouse.wheel(0, 30_000);
      await page.evaluate('new Promise(requestAnimationFrame)');
      expect(await page.getByRole('row').count()).toBeLessThan(60);
    }
    await page.keyboard.press('End');
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await page.getByRole('row', { name: /Task 9999/ }).waitFor();
  });

  it('hears of its tasks where sockets are blocked, and where streams are, too, and says how', async () => {
    const page = await openSignedIn();
    await page.routeWebSocket(/stream/, (socket) => socket.close());
    await page.reload();
    await page.getByText('Live, by a stream').waitFor();
    await page.route('**/events?*', (route) => route.abort());
    await page.reload();
    await page.getByText('Asking every few seconds').waitFor();
    const { taskId } = await client().createTask({
      body: { templateIds: [await templateId()], data: [{ name: 'Ada' }], name: 'Asked for' },
    });
    await client().startTask({ taskId });
    await page.reload();
    await page
      .getByRole('row', { name: /Asked for/ })
      .getByText('Done')
      .waitFor();
  });
});
