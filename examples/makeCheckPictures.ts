/**
 * Makes docs/check-report.png and docs/check-findings.png: a table of new staff with what people get wrong, checked on
 * the local cloud, its report shown by LibreOffice. Run it with `npx tsx examples/makeCheckPictures.ts`; it needs
 * `soffice` (LibreOffice Calc) and `pdftoppm` (poppler-utils).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ExcelJS from 'exceljs';
import PizZip from 'pizzip';
import { startLocalCloud } from '../cli/target/localCloud.ts';
import { createClient, type SheafClient } from '../client/client.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');
/** Of the pictures, in dots per inch, and the white around them in dots. */
const RESOLUTION = 110;
const MARGIN = 10;

const LETTER = [
  'Dear {name},',
  'welcome! You begin on {start | date:"d MMMM yyyy"} with {salary | currency:"EUR"} a year.',
  'We write to {email} and to {postcode} {city}.',
];
const COLUMNS = [
  { name: 'name', width: 19 },
  { name: 'email', width: 30 },
  { name: 'start', width: 13 },
  { name: 'salary', width: 12 },
  { name: 'postcode', width: 11 },
  { name: 'city', width: 13 },
];
const START = { early: new Date('2026-12-01'), late: new Date('2027-01-04') };
const STAFF = [
  ['Ada Whitfield', 'ada.whitfield@example.com', START.early, 48_500, '04109', 'Leipzig'],
  ['Bruno Keller', null, START.early, 51_200, '53111', 'Bonn'],
  ['Chen Wei', 'chen.wei@example.com', 'next week', 46_300, '20095', 'Hamburg'],
  ['Emil Novak', 'emil.novak@example.com', START.late, 47_900, '1067', 'Dresden'],
  ['Farah Haddad', 'farah.haddad@example.com', START.late, 52_750, '50667', 'Cologne'],
  ['Ada Whitfield', 'ada.whitfield@example.com', START.early, 48_500, '04109', 'Leipzig'],
  ['Dora Lindqvist', 'dora.lindqvist@example.com', START.late, 'tbd', '80331', 'Munich'],
];
/** The cell whose comment is shown, both from 0. */
const SHOWN = { row: 9, column: 3 };

/** The smallest Word file with these paragraphs. */
function letter(): Buffer {
  const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const paragraphs = LETTER.map(
    (text) => `<w:p><w:r><w:t xml:space="preserve">${xml(text)}</w:t></w:r></w:p>`,
  );
  const zip = new PizZip();
  zip.file(
    '[Content_Types].xml',
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
  );
  zip.file(
    '_rels/.rels',
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
  );
  zip.file(
    'word/document.xml',
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${paragraphs.join('')}</w:body></w:document>`,
  );
  return zip.generate({ type: 'nodebuffer' });
}

async function table(): Promise<Buffer> {
  const workbook = new ExcelJS.Workbook();
  const sheet = workbook.addWorksheet('New staff', {
    pageSetup: { orientation: 'landscape', fitToPage: true, fitToWidth: 1, fitToHeight: 0 },
  });
  sheet.columns = COLUMNS.map(({ width }) => ({ width }));
  sheet.addRow(['New staff, winter 2026']).font = { name: 'Calibri', bold: true, size: 14 };
  sheet.addRow([]);
  const head = sheet.addRow(COLUMNS.map(({ name }) => name));
  for (let column = 1; column <= COLUMNS.length; column++) {
    head.getCell(column).font = { name: 'Calibri', bold: true, color: { argb: 'FFFFFFFF' } };
    head.getCell(column).fill = {
      type: 'pattern',
      pattern: 'solid',
      fgColor: { argb: 'FF1F4E79' },
    };
  }
  for (const column of [3, 4]) head.getCell(column).alignment = { horizontal: 'right' };
  head.getCell(5).alignment = { horizontal: 'center' };
  for (const values of STAFF) {
    const row = sheet.addRow(values);
    row.getCell(3).numFmt = 'yyyy-mm-dd';
    row.getCell(4).numFmt = '#,##0.00';
    row.getCell(5).alignment = { horizontal: 'center' };
    for (let column = 1; column <= COLUMNS.length; column++)
      row.getCell(column).border = { bottom: { style: 'thin', color: { argb: 'FFBFBFBF' } } };
  }
  return Buffer.from(await workbook.xlsx.writeBuffer());
}

/** The report of a check of the table, as anybody would have it. */
async function reportOf(client: SheafClient): Promise<Buffer> {
  const { templateId } = await client.uploadTemplate('welcome.docx', new Uint8Array(letter()));
  const file = new Uint8Array(await table());
  const { dataSourceId } = await client.uploadDataSource('new-staff.xlsx', file);
  const body = { templateIds: [templateId], dataSourceId };
  const { checkId } = await client.createCheck({ body });
  let { status } = await client.getCheck({ checkId });
  while (status === 'checking') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    ({ status } = await client.getCheck({ checkId }));
  }
  const { url } = await client.downloadCheckReport({ checkId });
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

/** The same workbook, in which one comment is open as if somebody pointed at its cell. */
function withOpenComment(report: Buffer): Buffer {
  const zip = new PizZip(report);
  for (const name of Object.keys(zip.files).filter((each) => each.endsWith('.vml'))) {
    const boxes = zip.file(name)?.asText() ?? '';
    const opened = boxes.replace(/<v:shape [\s\S]*?<\/v:shape>/g, (box) =>
      box.includes(`<x:Row>${SHOWN.row}</x:Row><x:Column>${SHOWN.column}</x:Column>`)
        ? box
            .replace('visibility:hidden', 'visibility:visible')
            .replace('</x:ClientData>', '<x:Visible/></x:ClientData>')
        : box,
    );
    zip.file(name, opened);
  }
  return zip.generate({ type: 'nodebuffer' });
}

/** Where something other than white is, in dots of a picture as PPM (P6) has it. */
function inkOf(picture: Buffer): { x: number; y: number; width: number; height: number } {
  const [head = '', width = '', height = ''] =
    /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(picture.toString('latin1', 0, 100)) ?? [];
  const box = { left: Infinity, top: Infinity, right: 0, bottom: 0 };
  for (let at = head.length; at < picture.length; at += 3) {
    if (picture.readUIntBE(at, 3) === 0xffffff) continue;
    const dot = (at - head.length) / 3;
    const [x, y] = [dot % Number(width), Math.floor(dot / Number(width))];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  const x = Math.max(0, box.left - MARGIN);
  const y = Math.max(0, box.top - MARGIN);
  return {
    x,
    y,
    width: Math.min(Number(width), box.right + MARGIN) - x,
    height: Math.min(Number(height), box.bottom + MARGIN) - y,
  };
}

/** Shows a workbook, a page for each sheet, without the white around what is on it. */
function picture(workbook: Buffer, page: number, to: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-pictures-'));
  try {
    writeFileSync(join(folder, 'report.xlsx'), workbook);
    const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`;
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, { cwd: folder, stdio: 'pipe' });
    run('soffice', profile, '--headless', '--convert-to', 'pdf', 'report.xlsx');
    const show = (...options: string[]) => {
      const which = ['-r', String(RESOLUTION), '-f', String(page), '-l', String(page)];
      run('pdftoppm', '-singlefile', ...which, ...options, 'report.pdf', 'page');
    };
    show();
    const { x, y, width, height } = inkOf(readFileSync(join(folder, 'page.ppm')));
    const part = ['-x', String(x), '-y', String(y), '-W', String(width), '-H', String(height)];
    show('-png', ...part);
    writeFileSync(to, readFileSync(join(folder, 'page.png')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sheaf-pictures-'));
  const cloud = await startLocalCloud(dataDir);
  try {
    const report = withOpenComment(await reportOf(createClient(cloud)));
    picture(report, 1, join(DOCS, 'check-report.png'));
    picture(report, 2, join(DOCS, 'check-findings.png'));
  } finally {
    await cloud.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

void main();
