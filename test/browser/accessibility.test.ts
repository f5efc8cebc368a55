/** Every page for everybody: by eye in both themes, by ear, by keyboard, small, enlarged, without motion. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import { CHROMIUM, launchChromium, unlessSkipped } from '../support/chromium.ts';
import { createConsole } from '../support/consolePages.ts';

const skip = CHROMIUM === undefined;
const CHECKS = readFileSync(new URL('accessibilityChecks.cjs', import.meta.url), 'utf8');
const example = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url));

let browser: Browser;
const { open, openSignedIn, close } = createConsole(() => browser);
let ids: Readonly<Record<'template' | 'source' | 'endpoint' | 'task' | 'pending', string>>;

beforeAll(async () => {
  if (skip) return;
  browser = await launchChromium();
  const client = createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
  const { templateId } = await client.uploadTemplate(
    'a template with a rather long name, as people give them.docx',
    example('offer-letter.docx'),
  );
  const { dataSourceId } = await client.uploadDataSource('everybody.csv', example('people.csv'));
  const url = 'https://hooks.invalid/a/path/that/is/so/long/that/it/has/to/be/broken/somewhere';
  const { endpointId } = await client.createWebhookEndpoint({ body: { url } });
  const begun = await client.createTask({
    body: {
      templateIds: [templateId],
      dataSourceId,
      name: 'For everybody',
      options: { missingValue: 'error' },
      autoStart: true,
    },
  });
  for await (const event of client.events({ taskId: begun.taskId })) void event;
  const waiting = await client.createTask({
    body: { templateIds: [templateId], dataSourceId, name: 'Not yet for everybody' },
  });
  ids = {
    template: templateId,
    source: dataSourceId,
    endpoint: endpointId,
    task: begun.taskId,
    pending: waiting.taskId,
  };
});
afterAll(async () => {
  if (skip) return;
  await browser.close();
  // The tests of other files begin with an empty list.
  const client = createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
  await client.deleteTask({ taskId: ids.task });
  await client.deleteTask({ taskId: ids.pending });
  await client.deleteTemplate({ templateId: ids.template });
  await client.deleteDataSource({ dataSourceId: ids.source });
  await client.deleteWebhookEndpoint({ endpointId: ids.endpoint });
});
afterEach(close);

const h1 = (page: Page) => page.getByRole('heading', { level: 1 }).waitFor();
const dialog = (page: Page) => page.getByRole('dialog').waitFor();
const NONE = { json: { data: [], nextCursor: null } };

const order = () => `template=${ids.template}&data=${ids.source}&missing=error`;

/** A page, and when it is there. Where there is none yet, the page says so; that is one, too. */
const PAGES: Readonly<
  Record<string, () => readonly [hash: string, (page: Page) => Promise<void>]>
> = {
  tasks: () => ['/tasks', (page) => page.getByRole('row', { name: /Not yet/ }).waitFor()],
  'chosen tasks': () => [
    '/tasks',
    async (page) => {
      await page.getByLabel('Select Not yet for everybody').check();
      await page.getByText('1 selected').waitFor();
    },
  ],
  task: () => [`/tasks/${ids.task}`, h1],
  failures: () => [
    `/tasks/${ids.task}?tab=failures`,
    (page) =>
      page
        .getByText(/start_date/)
        .first()
        .waitFor(),
  ],
  'corrections of failed rows': () => [
    `/tasks/${ids.task}?tab=failures`,
    async (page) => {
      await page.getByRole('button', { name: 'Correct and retry' }).first().click();
      await page.getByRole('table').or(page.getByRole('grid')).first().waitFor();
    },
  ],
  documents: () => [
    `/tasks/${ids.task}?tab=documents`,
    (page) =>
      page
        .getByText(/-1\.docx/)
        .first()
        .waitFor(),
  ],
  log: () => [
    `/tasks/${ids.task}?tab=log`,
    (page) => page.getByText(/Rendering of 1,000 documents/).waitFor(),
  ],
  deliveries: () => [`/tasks/${ids.task}?tab=webhooks`, h1],
  'new task': () => ['/new', h1],
  'a template of a new task': () => [
    `/new?template=${ids.template}`,
    (page) => page.getByText('{#benefits}').first().waitFor(),
  ],
  'data of a new task': () => [
    `/new?step=data&${order()}`,
    (page) => page.getByText('Þóra Håkansson').first().waitFor(),
  ],
  'a check': () => [
    `/new?step=check&${order()}`,
    async (page) => {
      await page.getByText('2 errors').waitFor({ timeout: 20_000 });
      await page.getByRole('button', { name: 'Draw samples' }).click();
      await page.getByRole('heading', { level: 4 }).first().waitFor({ timeout: 20_000 });
    },
  ],
  'a start': () => [
    `/new?step=start&${order()}`,
    async (page) => {
      await page.getByRole('heading', { name: 'The first three' }).waitFor();
      for (const one of await page.locator('details').all()) await one.locator('summary').click();
    },
  ],
  templates: () => [
    '/templates',
    (page) => page.getByRole('row', { name: /Ready/ }).first().waitFor(),
  ],
  'one template': () => [
    `/templates?look=${ids.template}`,
    (page) => page.getByRole('dialog').getByText('24 tags').waitFor(),
  ],
  data: () => ['/data', (page) => page.getByRole('row', { name: /everybody\.csv/ }).waitFor()],
  'one table': () => [
    `/data?look=${ids.source}`,
    (page) => page.getByRole('dialog').getByRole('table').waitFor(),
  ],
  settings: () => ['/settings', (page) => page.getByText('https://hooks.invalid').waitFor()],
  'a new address': () => [
    '/settings',
    async (page) => {
      await page.getByRole('button', { name: 'Add an address' }).click();
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('This is no address.').waitFor();
    },
  ],
  shortcuts: () => [
    '/settings',
    async (page) => {
      await h1(page);
      await page.keyboard.press('?');
      await dialog(page);
    },
  ],
  nowhere: () => ['/nowhere', h1],
};
/** Where there is nothing yet. */
const EMPTY = {
  '/tasks': '**/batch/tasks?*',
  '/templates': '**/api/v2/templates*',
  '/data': '**/api/v2/data-sources*',
};

async function settled(page: Page): Promise<void> {
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => undefined)))',
  );
}
async function check(page: Page, what: string): Promise<void> {
  await settled(page);
  expect.soft(await page.evaluate<string[]>(CHECKS), what).toEqual([]);
}

describe.skipIf(skip)(`every page${unlessSkipped}`, () => {
  it.each(['light', 'dark'] as const)('is for every eye and ear, %s', async (colorScheme) => {
    const page = await openSignedIn(undefined, { colorScheme });
    for (const [name, of] of Object.entries(PAGES)) {
      const [hash, isThere] = of();
      await page.goto('about:blank');
      await page.goto(`${inject('consoleUrl')}#${hash}`);
      await isThere(page);
      await check(page, name);
    }
    for (const [hash, asked] of Object.entries(EMPTY)) {
      await page.route(asked, (route) => route.fulfill(NONE));
      await page.goto('about:blank');
      await page.goto(`${inject('consoleUrl')}#${hash}`);
      await page.getByText(/^No .* yet$/).waitFor();
      await check(page, `${hash}, empty`);
      await page.unroute(asked);
    }
    const signIn = await open('', { colorScheme });
    await h1(signIn);
    await signIn.getByRole('button', { name: 'Sign in' }).click();
    await signIn.getByText('Enter the API key.').waitFor();
    await check(signIn, 'signing in');
  });

  it.each([
    ['on a phone, 360 px wide', { width: 360, height: 740 }],
    ['enlarged to 200 %', { width: 640, height: 400 }],
    ['enlarged to 400 %', { width: 320, height: 256 }],
  ])('fits %s', async (_, viewport) => {
    const page = await openSignedIn(undefined, { viewport });
    for (const [name, of] of Object.entries(PAGES)) {
      const [hash, isThere] = of();
      await page.goto('about:blank');
      await page.goto(`${inject('consoleUrl')}#${hash}`);
      await isThere(page);
      await check(page, name);
    }
  });

  it('shows where the keyboard is, all the way through', async () => {
    const page = await openSignedIn();
    for (const hash of ['/tasks', '/templates', '/data', '/settings', '/new']) {
      await page.goto('about:blank');
      await page.goto(`${inject('consoleUrl')}#${hash}`);
      await h1(page);
      await page.evaluate('new Promise((resolve) => setTimeout(resolve, 300))');
      const seen = new Set<string>();
      for (let press = 0; press < 60; press++) {
        await page.keyboard.press('Tab');
        const [key, fault] = await page.evaluate<[string, string]>(FOCUS);
        if (key === 'BODY') break;
        seen.add(key);
        expect.soft(fault, `${hash}: ${key}`).toBe('');
      }
      // The way to the content, the places, and something of the page itself.
      expect(seen.size).toBeGreaterThan(7);
    }
  });

  it('stands still for those who ask for it', async () => {
    const page = await openSignedIn('/tasks', { reducedMotion: 'reduce' });
    await page.getByRole('row', { name: /For everybody/ }).waitFor();
    await page.keyboard.press('?');
    await dialog(page);
    const moving = await page.evaluate<number>(
      'document.getAnimations().filter((one) => one.effect.getComputedTiming().activeDuration > 1).length',
    );
    expect(moving).toBe(0);
  });
});

/** Where the focus is, and what is wrong with how it shows. */
const FOCUS = `(() => {
  const at = document.activeElement;
  if (at === document.body) return ['BODY', ''];
  const shown = at.matches('input.visually-hidden') ? at.nextElementSibling : at;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const rect = shown.getBoundingClientRect();
  const isInView = rect.bottom > 0 && rect.top < innerHeight && rect.right > 0 && rect.left < innerWidth;
  const hasRing = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  const name = at.tagName + ' ' + (at.getAttribute('aria-label') ?? at.textContent ?? '').trim().slice(0, 30) + ' ' + at.id;
  return [name, (hasRing ? '' : 'no ring ') + (isInView ? '' : 'out of view')];
})()`;
