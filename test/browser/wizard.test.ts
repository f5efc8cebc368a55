/** A new task, step by step, in a real browser. */
import { readFileSync } from 'node:fs';
import ExcelJS from 'exceljs';
import PizZip from 'pizzip';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createClient } from '../../client/client.ts';
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
  it('of many pages says that not all of them are drawn, and is saved whole', async () => {
    const page = await open('#/new');
    const content = docx('Dear {name}', ...Array<string>(2_500).fill('Yours'));
    await page.locator('input[type=file]').setInputFiles(file('long.docx', content));
    await page.getByText('Only the first 30 pages are drawn here.').waitFor();
    expect(await page.locator('.doc-page').count()).toBe(30);
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the whole document' }).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('long.docx');
    expect(readFileSync(await download.path()).equals(Buffer.from(content))).toBe(true);
  });

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

describe.skipIf(skip)(`the whole job${unlessSkipped}`, () => {
  const next = (page: Page, name: string) => page.getByRole('link', { name }).click();
  const drop = (page: Page, ...files: Parameters<typeof file>) =>
    page.locator('input[type=file]').setInputFiles(file(...files));
  const client = () => createClient({ apiUrl: inject('apiUrl'), apiKey: inject('apiKey') });

  /** The documents of the task that the page leads to, once it has ended. */
  async function documentsOf(page: Page): Promise<{ names: string[]; texts: string[] }> {
    await page.waitForURL(/#\/tasks\/task_/);
    const taskId = page.url().split('/').at(-1) ?? '';
    await expect
      .poll(async () => (await client().getTask({ taskId })).status, { timeout: 60_000 })
      .toMatch(/completed/);
    const { url } = await client().downloadArchive({ taskId });
    const archive = new PizZip(await (await fetch(url)).arrayBuffer());
    const names = Object.keys(archive.files).filter((name) => name.endsWith('.docx'));
    const texts = names.map(
      (name) =>
        new PizZip(archive.file(name)?.asUint8Array() ?? '').file('word/document.xml')?.asText() ??
        '',
    );
    return { names, texts };
  }

  it('goes from files to an opened ZIP, with rows, names and headers that are hostile', async () => {
    const page = await open('#/new');
    await drop(page, `${HOSTILE.replaceAll('/', '')}.docx`, docx('Dear {Name}, {text} {emial}'));
    await next(page, 'Next: Data');
    const rows = [HOSTILE, 'Ada', undefined].map((Name) => ({
      Name,
      text: HOSTILE,
      email: `${Name ?? 'no'}@example.com`,
      [HOSTILE]: 'x',
    }));
    const json = Buffer.from(JSON.stringify(rows));
    await drop(page, `${HOSTILE.replaceAll('/', '')}.json`, json, 'application/json');
    const first = page.getByRole('region', { name: 'First rows, as they were read' });
    await first.getByRole('columnheader', { name: HOSTILE }).waitFor();
    expect(await first.getByRole('cell', { name: HOSTILE }).count()).toBeGreaterThan(1);
    // A tag that no column is called like: what is suggested is taken.
    await page.getByText('1 tag is not filled').waitFor();
    await page.getByRole('button', { name: 'Take it' }).click();
    await page.getByText('Every tag has its column.').waitFor();
    await page.getByLabel('do not make that document').check();
    await next(page, 'Next: Check');

    await page.getByRole('heading', { name: /^1 error/ }).waitFor();
    const faulty = page.getByRole('region', { name: 'Rows', exact: true });
    const third = faulty
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: '3' }) });
    await third.locator('td.faulty').first().waitFor();
    await page.getByLabel('Show only rows with faults').uncheck();
    await expect.poll(() => faulty.getByRole('rowheader').count()).toBe(3);
    const report = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the marked workbook' }).click();
    expect((await report).suggestedFilename()).toMatch(/\.xlsx$/);
    await page.getByRole('button', { name: 'Draw samples' }).click();
    await page.locator('.samples .doc-page').getByText(`Dear ${HOSTILE}`).waitFor();
    expect(await page.locator('main img').count()).toBe(0);

    // Back and forth, and a page that is loaded anew: nothing is lost.
    await page.goBack();
    await page.getByText('Every tag has its column.').waitFor();
    await page.goForward();
    await page.getByRole('heading', { name: /^1 error/ }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: /^1 error/ }).waitFor();
    await next(page, 'Next: Start');
    await page.getByLabel('Name of the task').fill(HOSTILE);
    await page.getByLabel('File names').fill('{Name} {row}');
    await page.getByText('Ada 2.docx').waitFor();
    await page.getByText('_img src=x onerror=_alert(1)__ 1.docx').waitFor();
    await page.getByRole('button', { name: 'Start: 3 documents' }).click();
    const { names, texts } = await documentsOf(page);
    expect(names.sort()).toEqual(['Ada 2.docx', '_img src=x onerror=_alert(1)__ 1.docx']);
    expect(texts.join()).toContain('Ada@example.com');
    expect(texts.join()).toContain('&lt;img src=x');
  });

  it('makes one document of the rows of each customer, where somebody says so', async () => {
    const page = await open('#/new');
    const letter = docx('Dear {customer}', '{#rows}', '{item}', '{/rows}');
    await drop(page, 'order.docx', letter, DOCX);
    await next(page, 'Next: Data');
    const table = Buffer.from('customer,item\nAda,Pen\nBo,Ink\nAda,Nib\n');
    await drop(page, 'orders.csv', table, 'text/csv');
    await page.getByText('1 tag is not filled').waitFor();
    // What the list of the template is for is said beside the choice.
    await page.getByText('Rows that share the value become one document.').waitFor();
    await page.getByLabel('One document for each').selectOption('customer');
    await page.getByText('Every tag has its column.').waitFor();
    await next(page, 'Next: Check');
    await page.getByText('3 rows checked').waitFor();
    await next(page, 'Next: Start');
    await page.getByLabel('File names').fill('{customer}');
    const names = page.getByRole('region', { name: 'The first three' });
    await expect
      .poll(() => names.getByRole('listitem').allInnerTexts())
      .toEqual(['Ada (1).docx', 'Bo (2).docx']);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const made = await documentsOf(page);
    expect(made.names.sort()).toEqual(['Ada (1).docx', 'Bo (2).docx']);
    expect(made.texts.join()).toMatch(/Pen[^]*Nib/);
  });

  it('shows the rows that have faults, wherever in the table they are', async () => {
    const { templateId } = await client().uploadTemplate('t.docx', docx('Dear {name}'));
    const lines = Array.from({ length: 800 }, (_, i) =>
      i === 213 || i === 730 ? `,x` : `N${i},x`,
    );
    const { dataSourceId } = await client().uploadDataSource(
      'rows.csv',
      Buffer.from(`name,other\n${lines.join('\n')}\n`),
    );
    const page = await open(
      `#/new?step=check&template=${templateId}&data=${dataSourceId}&missing=error`,
    );
    const shown = page.getByRole('region', { name: 'Rows', exact: true });
    await shown.getByText('2 rows that the findings name first').waitFor();
    const numbers = () => shown.getByRole('rowheader').allInnerTexts();
    expect(await numbers()).toEqual(['214', '731']);
    expect(await shown.locator('td.faulty').count()).toBe(2);
    await page.getByLabel('Show only rows with faults').uncheck();
    await shown.getByText('The first 100 rows').waitFor();
    expect((await numbers()).slice(0, 2)).toEqual(['1', '2']);
  });

  it('is done by the keyboard alone, in Chinese, with a sheet of a workbook that is chosen', async () => {
    const page = await open('', { locale: 'zh-CN' });
    await page.getByRole('link', { name: '新建任务' }).waitFor();
    await page.keyboard.press('n');
    const choose = async (what: string, chosen: ReturnType<typeof file>) => {
      await page.getByText(what).waitFor();
      await tabTo(page, 'input[type=file]');
      const asked = page.waitForEvent('filechooser');
      await page.keyboard.press('Space');
      await (await asked).setFiles(chosen);
    };
    await choose('把 Word 文档拖到这里', file('信.docx', docx('你好，{姓名}')));
    await page.getByText('{姓名}', { exact: true }).first().waitFor();
    await pressOn(page, '下一步：数据');
    const workbook = await workbookOf({
      说明: [['nothing']],
      名单: [['姓名'], ['王芳'], ['李雷']],
    });
    await choose('把表格拖到这里', file('名单.xlsx', workbook));
    await tabTo(page, 'select');
    await page.keyboard.press('End');
    await pressOn(page, '重新读取');
    await page.getByRole('cell', { name: '李雷' }).waitFor();
    await page.getByText('每个标签都有对应的列。').waitFor();
    await pressOn(page, '下一步：检查');
    await page.getByText('没有发现问题。').waitFor();
    // The new step has the focus, and is said.
    await expect
      .poll(() => page.evaluate<string>('document.activeElement.textContent'))
      .toContain('检查');
    await pressOn(page, '下一步：开始');
    await page.getByText('前三个').waitFor();
    await pressOn(page, '开始：2 份文档');
    const { names, texts } = await documentsOf(page);
    expect(names).toHaveLength(2);
    expect(texts.join()).toContain('你好，王芳');
  });

  it('fits a phone at every step, and can be scheduled', async () => {
    const page = await open('#/new', { viewport: { width: 360, height: 740 } });
    const fits = async () =>
      expect(
        await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
      ).toBeLessThanOrEqual(0);
    await drop(page, 'offer.docx', example('offer-letter.docx'));
    await page.locator('.doc-page').waitFor();
    await fits();
    await next(page, 'Next: Data');
    await drop(page, 'people.csv', example('people.csv'), 'text/csv');
    await page.getByRole('region', { name: 'First rows' }).waitFor();
    await fits();
    await next(page, 'Next: Check');
    await page.getByText('1,000 rows checked').waitFor();
    await fits();
    await next(page, 'Next: Start');
    await page.getByText('For a terminal', { exact: true }).click();
    await page.getByText('sheaf generate').waitFor();
    await fits();
    await page.getByLabel('Start at a set time').check();
    await page.getByRole('button', { name: 'Schedule' }).click();
    await page.getByText('Choose a time that is still to come.').waitFor();
    const later = new Date(Date.now() + 48 * 3_600_000).toISOString().slice(0, 16);
    await page.getByLabel('Date and time').fill(later);
    await page.getByRole('button', { name: 'Schedule' }).click();
    await page.waitForURL(/#\/tasks\/task_/);
    const taskId = page.url().split('/').at(-1) ?? '';
    expect((await client().getTask({ taskId })).status).toBe('scheduled');
    await client().cancelTask({ taskId });
  });
});

/** Moves the focus on until it is where it is wanted. */
async function tabTo(page: Page, selector: string): Promise<void> {
  await page.locator(selector).first().waitFor({ state: 'attached' });
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    const isThere = await page.evaluate<boolean>(
      `document.activeElement.matches(${JSON.stringify(selector)})`,
    );
    if (isThere) return;
  }
  throw new Error(`${selector} cannot be reached by the keyboard.`);
}

/** Moves the focus to a button or a link, and presses it. */
async function pressOn(page: Page, text: string): Promise<void> {
  await page.getByText(text, { exact: true }).waitFor();
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate<string>('document.activeElement.innerText');
    if (found.trim() !== text) continue;
    await page.keyboard.press('Enter');
    return;
  }
  throw new Error(`${text} cannot be reached by the keyboard.`);
}

async function workbookOf(sheets: Readonly<Record<string, string[][]>>): Promise<Uint8Array> {
  const workbook = new ExcelJS.Workbook();
  for (const [name, rows] of Object.entries(sheets)) workbook.addWorksheet(name).addRows(rows);
  return new Uint8Array(await workbook.xlsx.writeBuffer());
}
