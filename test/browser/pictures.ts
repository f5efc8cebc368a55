/**
 * `npm run pictures`: draws the pictures of the console that README.md and docs/console.md show, from a local
 * cloud of its own with data that is the same each time.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { createClient, type SheafClient } from '../../client/client.ts';
import { launchChromium, openPage } from '../support/chromium.ts';
import { startTestCloud } from '../support/localCloud.ts';

const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const example = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url));
/** Of the browser, and so of "5 minutes ago": what is drawn does not depend on the day. */
const NOW = Date.UTC(2026, 0, 15, 9, 30);
const AGE_MS = 5 * 60_000;

const PICTURES: Readonly<
  Record<
    string,
    {
      readonly hash: string;
      readonly height: number;
      readonly isThere: (page: Page) => Promise<void>;
    }
  >
> = {
  tasks: {
    hash: '/tasks',
    height: 560,
    async isThere(page) {
      await page.getByRole('row', { name: /Certificates/ }).waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
    },
  },
  data: {
    hash: '/new?step=data&template={template}&data={data}',
    height: 760,
    isThere: (page) => page.getByText('Þóra Håkansson').first().waitFor(),
  },
  task: {
    hash: '/tasks/{task}?tab=failures',
    height: 720,
    isThere: (page) =>
      page
        .getByText(/start_date/)
        .first()
        .waitFor(),
  },
  template: {
    hash: '/templates?look={template}',
    height: 620,
    isThere: (page) => page.getByRole('dialog').getByText('São Paulo').waitFor(),
  },
  settings: {
    hash: '/settings',
    height: 620,
    isThere: (page) => page.getByText('hooks.example.org').waitFor(),
  },
};

type Ids = Readonly<Record<'template' | 'data' | 'task', string>>;

/** @returns ids of a template, of its table, and of a task of theirs of which rows failed */
async function fill(client: SheafClient): Promise<Ids> {
  let task = '';
  const offer = await client.uploadTemplate('Offer letter.docx', example('offer-letter.docx'));
  const other = await client.uploadTemplate('Certificate.docx', example('offer-letter.docx'));
  const people = await client.uploadDataSource('people.csv', example('people.csv'));
  const names = [
    'Offer letters, Zürich',
    'Offer letters, Shanghai',
    'Certificates, spring course',
    'Offer letters, Toronto',
    'Offer letters, São Paulo',
  ];
  for (const [i, name] of names.entries()) {
    const { taskId } = await client.createTask({
      body: {
        name,
        templateIds: [i === 2 ? other.templateId : offer.templateId],
        dataSourceId: people.dataSourceId,
        fileName: '{reference} {name}',
        options: { missingValue: i === 1 ? 'error' : 'empty' },
        autoStart: i !== 3,
      },
    });
    if (i === 1) task = taskId;
    if (i === 3) continue;
    for await (const event of client.events({ taskId })) void event;
  }
  await client.createWebhookEndpoint({
    body: { url: 'https://hooks.example.org/sheaf', description: 'Ledger' },
  });
  return { template: offer.templateId, data: people.dataSourceId, task };
}

async function draw(browser: Browser, consoleUrl: string, apiKey: string, ids: Ids) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page } = await openPage(browser, {
      colorScheme,
      viewport: { width: 1120, height: 600 },
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    // What was made just now was made some minutes before, on the day that the pictures show.
    const offset = NOW + AGE_MS - Date.now();
    await page.route('**/api/v2/**', async (route) => {
      const response = await route.fetch();
      const text = await response.text();
      const moved = text.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, (time) =>
        JSON.stringify(new Date(Date.parse(time.slice(1, -1)) + offset - AGE_MS).toISOString()),
      );
      await route.fulfill({ response, body: moved });
    });
    await page.clock.setFixedTime(NOW + AGE_MS);
    await page.goto(`${consoleUrl}#key=${apiKey}`);
    for (const [name, { hash, height, isThere }] of Object.entries(PICTURES)) {
      await page.setViewportSize({ width: 1120, height });
      const place = hash.replace(/\{(template|data|task)\}/g, (_, name: keyof Ids) => ids[name]);
      await page.goto(`${consoleUrl}#${place}`);
      await isThere(page);
      await page.getByText('Loading …').waitFor({ state: 'detached' });
      const path = `${FOLDER}${name}-${colorScheme}.png`;
      await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
      console.log(path);
    }
    await page.context().close();
  }
}

mkdirSync(FOLDER, { recursive: true });
const cloud = await startTestCloud();
const browser = await launchChromium();
try {
  const { apiUrl, apiKey } = cloud;
  const ids = await fill(createClient({ apiUrl, apiKey }));
  await draw(browser, new URL('/', apiUrl).href, apiKey, ids);
  await measure(browser, new URL('/', apiUrl).href, apiKey);
} finally {
  await browser.close();
  await cloud.remove();
}

/** Says how long a first visit takes, with nothing kept from before: until the list is there and answers. */
async function measure(browser: Browser, consoleUrl: string, apiKey: string): Promise<void> {
  const times: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    const { page } = await openPage(browser);
    const begun = performance.now();
    await page.goto(`${consoleUrl}#key=${apiKey}`);
    await page.getByLabel('Search by name').fill('o');
    times.push(performance.now() - begun);
    await page.context().close();
  }
  times.sort((a, b) => a - b);
  console.log(`A first visit is interactive after ${Math.round(times[2] ?? 0)} ms (median of 5).`);
}
