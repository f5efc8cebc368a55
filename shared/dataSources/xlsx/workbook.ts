/** The workbook part: its sheets in the order of their tabs, and how its days are counted (ECMA-376 part 1, 18.2). */
import {
  readRelationships,
  relationshipsPart,
  type Relationship,
} from '../../office/relationships.ts';
import { ROOT_RELATIONSHIPS } from '../../office/partNames.ts';
import { localName, xmlAttributes, XmlMalformed, xmlTags } from '../../office/xmlScan.ts';
import { MAX_LISTED_SHEETS } from '../../limits.ts';
import { SourceFault } from '../sourceFault.ts';
import { damagedPart } from './faults.ts';
import { BINARY_WORKBOOK, otherZip } from './kinds.ts';
import { noWorkbook } from './faults.ts';
import type { WorkbookPackage } from './package.ts';

/** A sheet with cells; charts and the like are none. */
export interface Sheet {
  readonly name: string;
  readonly isHidden: boolean;
  /** Name of its part. */
  readonly part: string;
}

/** What a workbook says of itself. */
export interface Workbook {
  /** Name of its part. */
  readonly part: string;
  readonly sheets: readonly Sheet[];
  /** Whether days count from 1904. */
  readonly is1904: boolean;
  readonly stringsPart: string | undefined;
  readonly stylesPart: string | undefined;
}

const OFFICE_DOCUMENT = /\/relationships\/officeDocument$/;
const USUAL_PART = 'xl/workbook.xml';

/** @throws SourceFault for a package without a workbook, or one that cannot be read */
export async function readWorkbookPart(parts: WorkbookPackage): Promise<Workbook> {
  const part = await findPart(parts);
  const relationships = await relationshipsOf(parts, relationshipsPart(part));
  const text = await parts.text(part);
  const targetOf = (id: string) => relationships.find((each) => each.id === id);
  const partOf = (kind: string) =>
    relationships.find(({ type, external }) => !external && type.endsWith(`/${kind}`))?.target;
  const sheets: Sheet[] = [];
  let is1904 = false;
  for (const tag of readTags(part, text)) {
    if (tag.kind === 'close') continue;
    const element = localName(tag.name);
    if (element === 'workbookPr') {
      const date1904 = xmlAttributes(tag).get('date1904');
      is1904 = date1904 === '1' || date1904 === 'true' || date1904 === 'on';
    } else if (element === 'sheet') {
      const attributes = xmlAttributes(tag);
      const id = [...attributes].find(([name]) => localName(name) === 'id' && name !== 'id')?.[1];
      const found = targetOf(id ?? '');
      if (!found || found.external || !found.type.endsWith('/worksheet')) continue;
      const state = attributes.get('state') ?? 'visible';
      const name = attributes.get('name') ?? '';
      sheets.push({ name, isHidden: state !== 'visible', part: found.target });
    }
  }
  const existing = (name: string | undefined) =>
    name !== undefined && parts.has(name) ? name : undefined;
  return {
    part,
    sheets,
    is1904,
    stringsPart: existing(partOf('sharedStrings') ?? 'xl/sharedStrings.xml'),
    stylesPart: existing(partOf('styles') ?? 'xl/styles.xml'),
  };
}

async function findPart(parts: WorkbookPackage): Promise<string> {
  const root = parts.has(ROOT_RELATIONSHIPS)
    ? await relationshipsOf(parts, ROOT_RELATIONSHIPS)
    : [];
  const named = root.find(({ type, external }) => OFFICE_DOCUMENT.test(type) && !external)?.target;
  const part = named !== undefined && parts.has(named) ? named : USUAL_PART;
  if (!parts.has(part)) throw otherZip(parts.names);
  if (/\.bin$/i.test(part)) throw noWorkbook(BINARY_WORKBOOK);
  if (/^(?:word|ppt)\//i.test(part)) throw otherZip(parts.names);
  return part;
}

/** A relationship with the id that parts name it by. */
type NamedRelationship = Relationship & { readonly id: string };

async function relationshipsOf(parts: WorkbookPackage, name: string): Promise<NamedRelationship[]> {
  const text = await parts.text(name);
  const ids = [...readTags(name, text)]
    .filter((tag) => localName(tag.name) === 'Relationship')
    .map((tag) => xmlAttributes(tag).get('Id') ?? '');
  return readRelationships(name, text).map((each, i) => ({ ...each, id: ids[i] ?? '' }));
}

/** The tags of a part. @throws SourceFault when it is not well-formed */
export function* readTags(part: string, text: string) {
  try {
    yield* xmlTags(text);
  } catch (error) {
    if (error instanceof XmlMalformed) throw damagedPart(part, 'is not well-formed XML');
    throw error;
  }
}

/** The sheet that is asked for, or the first that people see. @throws SourceFault */
export function chooseSheet(sheets: readonly Sheet[], wanted: string | number | undefined): Sheet {
  if (sheets.length === 0) {
    throw new SourceFault({
      code: 'SHEET_MISSING',
      detail: 'The workbook has no sheet with cells. Upload one that has.',
    });
  }
  if (wanted === undefined) {
    const visible = sheets.find(({ isHidden }) => !isHidden);
    // A workbook always shows one; of a broken one the first is as good as any.
    return visible ?? (sheets[0] as Sheet);
  }
  const found =
    typeof wanted === 'number'
      ? sheets[wanted - 1]
      : (sheets.find(({ name }) => name === wanted) ??
        sheets.find(({ name }) => folded(name) === folded(wanted)));
  if (found) return found;
  const list = sheets.slice(0, MAX_LISTED_SHEETS).map(({ name }) => JSON.stringify(name));
  const named = typeof wanted === 'number' ? `number ${wanted}` : JSON.stringify(wanted);
  throw new SourceFault({
    code: 'SHEET_MISSING',
    detail: `There is no sheet ${named}. The workbook has ${list.join(', ')}: name one of them as sheet.`,
  });
}

/** Excel takes names of sheets for equal whatever their case. */
const folded = (name: string) => name.trim().toLowerCase();
