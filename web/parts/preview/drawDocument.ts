/**
 * Draws a Word document as elements of the page, from its XML and without any HTML: nothing that somebody
 * wrote into it can become more than text (docs/adr/0081-previews-are-drawn-from-the-xml.md).
 */
import { drawBlocks } from './drawBlocks.ts';
import { make, type Drawing, type PreviewWords } from './drawing.ts';
import { points } from './looks.ts';
import { readNumbering } from './numbering.ts';
import { NotDrawable, openPackage, type Target, type WordPackage } from './package.ts';
import { createPages, type DrawAround, type PageSize } from './pages.ts';
import { isOff, readStyles } from './styles.ts';
import { attribute, child, children, readTree, type XmlNode } from './xmlTree.ts';

export interface DrawnDocument {
  /** Pages, one below the other. */
  readonly element: HTMLElement;
  /** Parts it into pages, once it is in the document and has its width. @returns whether all of it is drawn */
  readonly layOut: () => boolean;
  /** Gives back what the browser keeps for its pictures. */
  readonly close: () => void;
}

/** Pictures that browsers show, by their endings. */
const PICTURES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  bmp: 'image/bmp',
  webp: 'image/webp',
};

/** Of the text: more than the pages hold that are drawn. */
const MOST_BLOCKS = 6_000;

/** A4, where a section does not say (17.6.13 has Letter; but that is what nobody means). */
const USUAL_SIZE: PageSize = {
  width: 595.3,
  height: 841.9,
  top: 72,
  right: 72,
  bottom: 72,
  left: 72,
  header: 35.4,
  footer: 35.4,
  columns: 1,
};

/** @throws NotDrawable, ZipBroken, XmlMalformed when it is no document that can be drawn */
export async function drawDocument(
  bytes: Uint8Array<ArrayBuffer>,
  words: PreviewWords,
): Promise<DrawnDocument> {
  const opened = await openPackage(bytes);
  const body = child(await treeOf(opened, opened.main), 'body');
  if (!body) throw new NotDrawable('The file is not a Word document.');
  const targets = await opened.targets(opened.main);
  const partOf = (kind: string) =>
    [...targets.values()].find(({ type }) => type.endsWith(`/${kind}`))?.name;
  const treeOfKind = async (kind: string) => {
    const name = partOf(kind);
    return name === undefined ? undefined : treeOf(opened, name);
  };
  const urls: string[] = [];
  const shared: Omit<Drawing, 'targets' | 'pictures' | 'breakPage'> = {
    styles: readStyles(await treeOfKind('styles'), await treeOfKind('theme')),
    numbering: readNumbering(await treeOfKind('numbering')),
    words,
    tableStyles: [],
    pageNumbers: [],
    stops: new WeakMap(),
    notes: { count: 0 },
  };
  const parts = new Map<string, Part>();
  for (const [id, target] of targets) {
    if (!/\/(?:header|footer)$/.test(target.type) || target.isExternal) continue;
    const tree = await treeOf(opened, target.name);
    const own = await opened.targets(target.name);
    if (tree) parts.set(id, { tree, targets: own, pictures: await picturesOf(opened, own, urls) });
  }

  const element = make('div', 'doc-pages');
  const pages = createPages(element, shared.stops);
  const drawing: Drawing = {
    ...shared,
    targets,
    pictures: await picturesOf(opened, targets, urls),
    breakPage: pages.begin,
  };
  let around: Around = new Map();
  let isFirst = true;
  for (const { blocks, properties } of sectionsOf(firstOf(body.children))) {
    around = new Map([...around, ...aroundOf(properties, parts)]);
    const own = around;
    const isContinuous = attribute(child(properties, 'type'), 'val') === 'continuous';
    const hasTitle = child(properties, 'titlePg');
    const isTitled = hasTitle !== undefined && !isOff(attribute(hasTitle, 'val'));
    const drawAround: DrawAround = (which, isFirstPage, into) => {
      const part = own.get(`${which} ${isFirstPage && isTitled ? 'first' : 'default'}`);
      if (!part) return [];
      const pageNumbers: HTMLElement[] = [];
      drawBlocks(part.tree.children, into, {
        ...shared,
        ...part,
        pageNumbers,
        breakPage: undefined,
      });
      return pageNumbers;
    };
    const place = pages.section(sizeOf(properties), isContinuous && !isFirst, drawAround);
    isFirst = false;
    drawBlocks(blocks, place, drawing);
  }
  return {
    element,
    layOut: () => pages.layOut() && body.children.length <= MOST_BLOCKS,
    close: () => {
      for (const url of urls) URL.revokeObjectURL(url);
    },
  };
}

async function treeOf(opened: WordPackage, name: string): Promise<XmlNode | undefined> {
  const text = await opened.text(name);
  return text === undefined ? undefined : readTree(text);
}

/** A header or a footer. */
interface Part {
  readonly tree: XmlNode;
  readonly targets: ReadonlyMap<string, Target>;
  readonly pictures: ReadonlyMap<string, string | undefined>;
}

/** By kind and pages: `header first`. What a section does not have it takes from the one before. */
type Around = ReadonlyMap<string, Part>;

function aroundOf(properties: XmlNode | undefined, parts: ReadonlyMap<string, Part>): Around {
  const found = new Map<string, Part>();
  for (const which of ['header', 'footer'] as const) {
    for (const reference of children(properties, `${which}Reference`)) {
      const part = parts.get(attribute(reference, 'id') ?? '');
      if (part) found.set(`${which} ${attribute(reference, 'type') ?? 'default'}`, part);
    }
  }
  return found;
}

/** Where the pictures of a part are, as addresses of this page alone; undefined for kinds that browsers do not show. */
async function picturesOf(
  opened: WordPackage,
  targets: ReadonlyMap<string, Target>,
  urls: string[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const found = new Map<string, string | undefined>();
  for (const [id, { name, type, isExternal }] of targets) {
    if (!type.endsWith('/image')) continue;
    const kind = PICTURES[name.split('.').at(-1)?.toLowerCase() ?? ''];
    const content = isExternal || kind === undefined ? undefined : await opened.bytes(name);
    const url = content && URL.createObjectURL(new Blob([content], { type: kind ?? '' }));
    if (url !== undefined) urls.push(url);
    found.set(id, url);
  }
  return found;
}

interface Section {
  readonly blocks: readonly XmlNode[];
  readonly properties: XmlNode | undefined;
}

/** The blocks that are drawn, with the properties of the section that the last of them is in. */
function firstOf(blocks: readonly XmlNode[]): readonly XmlNode[] {
  if (blocks.length <= MOST_BLOCKS) return blocks;
  for (const block of blocks.slice(MOST_BLOCKS)) {
    const properties = block.name === 'sectPr' ? block : child(child(block, 'pPr'), 'sectPr');
    if (properties) return [...blocks.slice(0, MOST_BLOCKS), properties];
  }
  return blocks.slice(0, MOST_BLOCKS);
}

/** A section ends with the paragraph that holds its properties; those of the last are at the end (17.6.17). */
function sectionsOf(all: readonly XmlNode[]): Section[] {
  const sections: Section[] = [];
  let blocks: XmlNode[] = [];
  for (const block of all) {
    if (block.name === 'sectPr') {
      sections.push({ blocks, properties: block });
      blocks = [];
      continue;
    }
    blocks.push(block);
    const properties = block.name === 'p' ? child(child(block, 'pPr'), 'sectPr') : undefined;
    if (!properties) continue;
    sections.push({ blocks, properties });
    blocks = [];
  }
  if (blocks.length > 0 || sections.length === 0) sections.push({ blocks, properties: undefined });
  return sections;
}

/** Narrower, or wider, is no page. */
const LEAST = 72;
const MOST = 2_000;

function sizeOf(properties: XmlNode | undefined): PageSize {
  const size = child(properties, 'pgSz');
  const margins = child(properties, 'pgMar');
  const edge = (name: 'width' | 'height', short: 'w' | 'h') => {
    const value = points(attribute(size, short)) ?? USUAL_SIZE[name];
    return Math.min(MOST, Math.max(LEAST, value));
  };
  const margin = (name: 'top' | 'right' | 'bottom' | 'left' | 'header' | 'footer') =>
    // A negative one of top and bottom only says that headers may not move it.
    Math.min(MOST / 4, Math.abs(points(attribute(margins, name)) ?? USUAL_SIZE[name]));
  const columns = Number(attribute(child(properties, 'cols'), 'num') ?? 1);
  return {
    width: edge('width', 'w'),
    height: edge('height', 'h'),
    top: margin('top'),
    right: margin('right'),
    bottom: margin('bottom'),
    left: margin('left'),
    header: margin('header'),
    footer: margin('footer'),
    columns: columns >= 1 && columns <= 8 ? columns : 1,
  };
}
