/** Pictures and text boxes, where they are in the text or beside it (ECMA-376 part 1, 20.4). */
import { make, type Drawing } from './drawing.ts';
import { colour, EMU_PER_POINT, points, pt, put } from './looks.ts';
import { attribute, child, within, type XmlNode } from './xmlTree.ts';

type DrawBlocks = (blocks: readonly XmlNode[], into: HTMLElement, drawing: Drawing) => void;

/** @param node w:drawing, w:pict or w:object */
export function drawPicture(
  node: XmlNode,
  into: HTMLElement,
  drawing: Drawing,
  drawBlocks: DrawBlocks,
): void {
  const frame = child(node, 'inline') ?? child(node, 'anchor');
  const size = frame ? sizeOf(frame) : sizeOfShape(node);
  const element = contentOf(node, drawing, drawBlocks);
  if (!element) return;
  put(element, 'width', pt(size.width));
  // A text box grows with its text.
  put(element, element.tagName === 'IMG' ? 'height' : 'minHeight', pt(size.height));
  if (frame?.name === 'anchor') place(element, frame, into);
  into.append(element);
}

function contentOf(
  node: XmlNode,
  drawing: Drawing,
  drawBlocks: DrawBlocks,
): HTMLElement | undefined {
  const text = within(node, 'txbxContent');
  if (text) {
    const box = make('span', 'doc-box');
    const shape = within(node, 'spPr');
    put(
      box,
      'backgroundColor',
      colour(attribute(child(child(shape, 'solidFill'), 'srgbClr'), 'val')),
    );
    const line = child(shape, 'ln');
    if (line && !child(line, 'noFill')) put(box, 'outline', '0.75pt solid #000');
    drawBlocks(text.children, box, { ...drawing, breakPage: undefined });
    return box;
  }
  const blip = within(node, 'blip');
  const image = blip ? undefined : within(node, 'imagedata');
  const id = attribute(blip, 'embed') ?? attribute(blip, 'link') ?? attribute(image, 'id');
  const described = attribute(within(node, 'docPr'), 'descr') ?? '';
  if (id !== undefined) {
    const url = drawing.pictures.get(id);
    if (url !== undefined) {
      const picture = make('img');
      picture.src = url;
      picture.alt = described;
      return picture;
    }
    return standIn(described === '' ? drawing.words.picture : described);
  }
  if (within(node, 'chart')) return standIn(drawing.words.chart);
  return undefined;
}

function standIn(text: string): HTMLElement {
  const element = make('span', 'doc-stand-in');
  element.textContent = text;
  return element;
}

interface Size {
  readonly width: number | undefined;
  readonly height: number | undefined;
}

function sizeOf(frame: XmlNode): Size {
  const extent = child(frame, 'extent');
  return {
    width: points(attribute(extent, 'cx'), EMU_PER_POINT),
    height: points(attribute(extent, 'cy'), EMU_PER_POINT),
  };
}

/** Of VML: `width:120pt;height:40.5pt`. */
function sizeOfShape(node: XmlNode): Size {
  const style = attribute(within(node, 'shape'), 'style') ?? '';
  const of = (name: string) => {
    const [, value, unit] = new RegExp(`(?:^|;)${name}:([\\d.]+)(pt|in|px)`).exec(style) ?? [];
    return points(value, unit === 'in' ? 1 / 72 : unit === 'px' ? 4 / 3 : 1);
  };
  return { width: of('width'), height: of('height') };
}

/** Beside the text, above or behind it, or between its lines. */
function place(element: HTMLElement, anchor: XmlNode, into: HTMLElement): void {
  const [horizontal, vertical] = [child(anchor, 'positionH'), child(anchor, 'positionV')];
  const align = child(horizontal, 'align')?.text;
  const offset = (position: XmlNode | undefined) =>
    points(child(position, 'posOffset')?.text, EMU_PER_POINT);
  if (child(anchor, 'wrapNone')) {
    const isOfPage = /page|margin/i.test(attribute(vertical, 'relativeFrom') ?? '');
    put(element, 'position', 'absolute');
    if (!isOfPage) put(into.closest('p') ?? into, 'position', 'relative');
    if (align === 'right') put(element, 'right', '0');
    else if (align === 'center') put(element, 'left', '25%');
    else put(element, 'left', pt(offset(horizontal) ?? 0));
    put(element, 'top', pt(offset(vertical) ?? 0));
    if (attribute(anchor, 'behindDoc') === '1') put(element, 'zIndex', '-1');
  } else if (child(anchor, 'wrapTopAndBottom')) {
    put(element, 'display', 'block');
    if (align === 'center') put(element, 'margin', '0 auto');
  } else {
    const isRight = align === 'right' || (offset(horizontal) ?? 0) > 200;
    put(element, 'float', isRight ? 'right' : 'left');
    put(element, 'margin', isRight ? '0 0 4pt 9pt' : '0 9pt 4pt 0');
  }
}
