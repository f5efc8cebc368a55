/** Every page for everybody: by eye in both themes, by ear, by keyboard, small, enlarged, without motion. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createClient } from '../../client/client.ts';
import { CHROMIUM, launchChromium, openPage, unlessSkipped } from '../support/chromium.ts';
import { createConsole, deleteTasks } from '../support/consolePages.ts';
import { LANGUAGES, loadTexts, LOCALES, type Language } from '../../web/texts/languages.ts';
import type { TextFile, Texts } from '../../web/texts/texts.ts';
import { WRONG_PAGES } from './wrongPages.ts';

const skip = CHROMIUM === undefined;
const CHECKS = readFileSync(new URL('accessibilityChecks.cjs', import.meta.url), 'utf8');
const example = (name: string) => readFileSync(new URL(`../../examples/${name}`, import.meta.url));

let browser: Browser;
const { open, openSignedIn, close } = createConsole(() => browser);
/** A page of nobody, to be filled in. */
const openEmpty = async () => (await openPage(browser)).page;
let ids: Readonly<Record<'template' | 'source' | 'endpoint' | 'task', string>>;

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
  // A list that is longer than a window, whatever tests ran before: what has the focus may be behind its bar.
  for (let i = 0; i < 12; i++) {
    const body = { templateIds: [templateId], data: [{ name: 'Ada' }], name: `Older ${i}` };
    await client.createTask({ body });
  }
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
  await client.createTask({
    body: { templateIds: [templateId], dataSourceId, name: 'Not yet for everybody' },
  });
  ids = {
    template: templateId,
    source: dataSourceId,
    endpoint: endpointId,
    task: begun.taskId,
  };
});
afterAll(async () => {
  if (skip) return;
  await browser.close();
  const client = createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });
  await deleteTasks();
  await client.deleteTemplate({ templateId: ids.template });
  await client.deleteDataSource({ dataSourceId: ids.source });
  await client.deleteWebhookEndpoint({ endpointId: ids.endpoint });
});
afterEach(close);

const h1 = (page: Page) => page.getByRole('heading', { level: 1 }).waitFor();
const dialog = (page: Page) => page.getByRole('dialog').waitFor();
const NONE = { json: { data: [], nextCursor: null } };

const FILES: readonly TextFile[] = [
  'first',
  'lists',
  'parts',
  'reasons',
  'settings',
  'task',
  'wizard',
];
const order = () => `template=${ids.template}&data=${ids.source}&missing=error`;

/** A page, and when it is there. Where there is none yet, the page says so; that is one, too. */
const PAGES: Readonly<
  Record<string, (texts: Texts) => readonly [hash: string, (page: Page) => Promise<void>]>
> = {
  tasks: () => ['/tasks', (page) => page.getByRole('row', { name: /Not yet/ }).waitFor()],
  'chosen tasks': (texts) => [
    '/tasks',
    async (page) => {
      await page.getByLabel(texts.tasks.select('Not yet for everybody')).check();
      await page.getByText(texts.tasks.selected(1)).waitFor();
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
  'corrections of failed rows': (texts) => [
    `/tasks/${ids.task}?tab=failures`,
    async (page) => {
      await page.getByRole('button', { name: texts.failures.correct }).first().click();
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
  log: () => [`/tasks/${ids.task}?tab=log`, (page) => page.getByText(/1,000/).first().waitFor()],
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
  'a check': (texts) => [
    `/new?step=check&${order()}`,
    async (page) => {
      await page.getByText(texts.check.errors(2)).waitFor({ timeout: 20_000 });
      // In English the service says it better itself.
      const { VALUE_MISSING } = texts.reasons.findings;
      const said = texts.name === 'English' ? 'has no value in' : VALUE_MISSING;
      await page.getByText(said).first().waitFor();
      await page.getByRole('button', { name: texts.check.samplesAction }).click();
      await page.getByRole('heading', { level: 4 }).first().waitFor({ timeout: 20_000 });
    },
  ],
  'a start': (texts) => [
    `/new?step=start&${order()}`,
    async (page) => {
      await page.getByRole('heading', { name: texts.start.fileNameLive }).waitFor();
      for (const one of await page.locator('details').all()) await one.locator('summary').click();
    },
  ],
  templates: (texts) => [
    '/templates',
    (page) => page.getByRole('row', { name: texts.lists.status.ready }).first().waitFor(),
  ],
  'one template': (texts) => [
    `/templates?look=${ids.template}`,
    (page) => page.getByRole('dialog').getByText(texts.templates.tags(24)).waitFor(),
  ],
  data: () => ['/data', (page) => page.getByRole('row', { name: /everybody\.csv/ }).waitFor()],
  'one table': () => [
    `/data?look=${ids.source}`,
    (page) => page.getByRole('dialog').getByRole('table').waitFor(),
  ],
  settings: () => ['/settings', (page) => page.getByText('https://hooks.invalid').waitFor()],
  'a new address': (texts) => [
    '/settings',
    async (page) => {
      await page.getByRole('button', { name: texts.webhooks.add }).click();
      await page.getByRole('button', { name: texts.webhooks.addAction, exact: true }).click();
      await page.getByText(texts.webhooks.urlWrong).waitFor();
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

const SIZES = {
  'on a phone, 360 px wide': { width: 360, height: 740 },
  'enlarged to 200 %': { width: 640, height: 400 },
  'enlarged to 400 %': { width: 320, height: 256 },
} as const;
const WIDE = { width: 1280, height: 720 };

async function settled(page: Page): Promise<void> {
  // Lists are drawn anew a moment after they have another size.
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
  );
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((one) => one.effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => undefined)))',
  );
}
async function check(page: Page, what: string): Promise<void> {
  await settled(page);
  expect.soft(await page.evaluate<string[]>(CHECKS), what).toEqual([]);
}

/** A page as it is now, in every look that it can have: loading it is what takes long. */
async function checkLooks(page: Page, what: string, language: Language): Promise<void> {
  await check(page, what);
  expect.soft(await page.evaluate('document.documentElement.lang')).toBe(LOCALES[language]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await check(page, `${what}, dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await check(page, `${what}, ${size}`);
    const unseen = await page.evaluate<string[]>(UNSEEN);
    expect.soft(unseen, `${what}, ${size}: where the keyboard is`).toEqual([]);
  }
  await page.setViewportSize(WIDE);
  // Chinese is not written with spaces between letters or words.
  if (language !== 'en') return;
  await page.evaluate(SPACED);
  await check(page, `${what}, with more space in texts`);
}

describe.skipIf(skip)(`every page${unlessSkipped}`, () => {
  it.each(LANGUAGES)('is for every eye and ear, of every size, in %s', async (language) => {
    const texts = await loadTexts(language, FILES);
    const options = { locale: LOCALES[language], colorScheme: 'light', viewport: WIDE } as const;
    const page = await openSignedIn(undefined, options);
    for (const [name, of] of Object.entries(PAGES)) {
      const [hash, isThere] = of(texts);
      await page.goto('about:blank');
      await page.goto(`${inject('consoleUrl')}#${hash}`);
      await isThere(page);
      await checkLooks(page, name, language);
    }
    const empty = [texts.tasks.emptyTitle, texts.templates.emptyTitle, texts.sources.emptyTitle];
    for (const [i, [hash, asked]] of Object.entries(EMPTY).entries()) {
      await page.route(asked, (route) => route.fulfill(NONE));
      await page.goto('about:blank');
      await page.goto(`${inject('consoleUrl')}#${hash}`);
      await page.getByText(empty[i] ?? '').waitFor();
      await checkLooks(page, `${hash}, empty`, language);
      await page.unroute(asked);
    }
    const signIn = await open('', options);
    await h1(signIn);
    await signIn.getByRole('button', { name: texts.signIn.action }).click();
    await signIn.getByText(texts.signIn.missing).waitFor();
    await checkLooks(signIn, 'signing in', language);
  });

  it('is told to be in another language when its words are', async () => {
    const page = await openSignedIn('/settings');
    const title = page.getByRole('heading', { level: 1 });
    await title.waitFor();
    await page.evaluate(LANG_AT_CHANGE);
    for (const [language, name] of [
      ['zh', '中文'],
      ['en', 'English'],
    ] as const) {
      await page.getByLabel(name).check();
      await page.getByText((await loadTexts(language, FILES)).settings.appearance).waitFor();
      expect(await page.evaluate('document.documentElement.lang')).toBe(LOCALES[language]);
    }
    // What was drawn and what was told, whenever somebody could look.
    expect(await page.evaluate('window.told')).toEqual(['设置 zh-CN', 'Settings en']);
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

/** Of an element that has the focus: the box that shows it, and what is wrong with how it does. */
const FAULT_OF = `(at) => {
  const shown = at.matches('input.visually-hidden') ? at.nextElementSibling : at;
  const style = getComputedStyle(shown);
  const rect = shown.getBoundingClientRect();
  const left = Math.max(rect.left, 0), right = Math.min(rect.right, innerWidth);
  const top = Math.max(rect.top, 0), bottom = Math.min(rect.bottom, innerHeight);
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const luminance = (...colours) => {
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faults = [];
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('no ring');
  else {
    // Drawn around it, or within.
    const layers = [];
    for (let one = parseFloat(style.outlineOffset) < 0 ? shown : shown.parentElement; one; one = one.parentElement)
      layers.unshift(getComputedStyle(one).backgroundColor);
    const [dark, light] = [luminance('#fff', ...layers), luminance('#fff', ...layers, style.outlineColor)].sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 3) faults.push('a ring of contrast ' + contrast.toFixed(2));
  }
  if (bottom <= top || right <= left) faults.push('out of view');
  else {
    // Some of it is to be seen beside what stays where it is.
    const parts = [0.05, 0.5, 0.95].flatMap((x) => [0.05, 0.5, 0.95].map((y) => [left + (right - left) * x, top + (bottom - top) * y]));
    const isSeen = parts.some(([x, y]) => {
      const hit = document.elementFromPoint(x, y);
      return hit !== null && (shown.contains(hit) || hit.contains(shown) || hit.closest('label')?.contains(shown));
    });
    if (!isSeen) faults.push('behind something');
  }
  return faults.join(', ');
}`;

/** Where the focus is, and what is wrong with how it shows. */
const FOCUS = `(() => {
  const at = document.activeElement;
  if (at === document.body) return ['BODY', ''];
  const name = at.tagName + ' ' + (at.getAttribute('aria-label') ?? at.textContent ?? '').trim().slice(0, 30) + ' ' + at.id;
  return [name, (${FAULT_OF})(at)];
})()`;

/** Everything that the keyboard comes to, forth and back, where it could not be seen. */
const UNSEEN = `(() => {
  const faultOf = ${FAULT_OF};
  const scope = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
  const stops = [...scope.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(
    (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }),
  );
  const before = document.activeElement;
  const faults = new Set();
  // Focusing what has the focus brings nothing into view.
  before?.blur?.();
  for (const stop of [...stops, ...stops.toReversed()]) {
    stop.focus({ focusVisible: true });
    if (document.activeElement !== stop) continue;
    const fault = faultOf(stop);
    if (fault !== '') faults.add(stop.tagName + ' ' + (stop.getAttribute('aria-label') ?? stop.textContent).trim().slice(0, 40) + ': ' + fault);
  }
  before?.focus?.();
  if (scope === document.body) scrollTo(0, 0);
  return [...faults];
})()`;

/** What WCAG 1.4.12 lets readers do with texts. A sheet made by a script: the page allows none within it. */
const SPACED = `(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }');
  document.adoptedStyleSheets = [sheet];
})()`;

/** Notes which language the page is told to be in, when others could see that its words have changed. */
const LANG_AT_CHANGE = `(() => {
  window.told = [];
  const title = document.querySelector('h1');
  let last = title.textContent;
  const look = () => {
    const text = document.querySelector('h1').textContent;
    if (text !== last) window.told.push(text + ' ' + document.documentElement.lang);
    last = text;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()`;

describe.skipIf(skip)(`a page that is wrong${unlessSkipped}`, () => {
  it('is found to be', async () => {
    const page = await openEmpty();
    for (const [body, fault] of WRONG_PAGES) {
      await page.setContent(
        `<!doctype html><html lang="en"><title>T</title><style>body{margin:0;background:#fff;color:#000}button{min-height:30px}</style><main><h1>Title</h1>${body}</main><div aria-live="polite"></div></html>`,
      );
      const found = await page.evaluate<string[]>(CHECKS);
      if (fault === undefined) expect.soft(found, body).toEqual([]);
      else expect.soft(found.join('\n'), body).toMatch(fault);
    }
  });

  it('is found to hide where the keyboard is', async () => {
    const page = await openEmpty();
    const unseen = async (style: string, body = '') => {
      await page.setContent(
        `<!doctype html><style>button{outline:3px solid #000;outline-offset:2px}${style}</style><button>A button</button>${body}`,
      );
      return (await page.evaluate<string[]>(UNSEEN)).join('\n');
    };
    expect(await unseen('')).toBe('');
    expect(await unseen('button{outline:none}')).toMatch(/no ring/);
    expect(await unseen('button{outline-color:#ccc}')).toMatch(/a ring of contrast 1\.\d/);
    expect(await unseen('button{position:absolute;left:-500px}')).toMatch(/out of view/);
    const bar = '<div style="position:fixed;inset:0 0 auto;height:9rem;background:#eee">bar</div>';
    expect(await unseen('', bar)).toMatch(/behind something/);
  });
});
