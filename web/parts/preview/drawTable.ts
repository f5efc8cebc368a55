/** Tables: their grid, cells that span, lines and grounds, and what their style says of rows and columns. */
import { make, type Drawing } from './drawing.ts';
import { colour, dressBorders, points, pt, put, type Side } from './looks.ts';
import { isOff } from './styles.ts';
import { attribute, child, children, numberOf, valueOf, type XmlNode } from './xmlTree.ts';

/** Word's own distances from the sides of cells (17.4.42), in points. */
const CELL_GAP = 5.4;

type DrawBlocks = (blocks: readonly XmlNode[], into: HTMLElement, drawing: Drawing) => HTMLElement;

/** Rows and cells are within content controls and tracked changes, too. */
function* parts(node: XmlNode, name: string): Generator<XmlNode> {
  for (const one of node.children) {
    if (one.name === name) yield one;
    else if (one.name === 'sdt') yield* parts(child(one, 'sdtContent') ?? one, name);
    else if (one.name === 'customXml' || one.name === 'ins') yield* parts(one, name);
  }
}

interface Cell {
  readonly node: XmlNode;
  readonly column: number;
  readonly span: number;
  /** `restart` begins a cell that goes on below, `continue` goes on. */
  readonly merge: 'restart' | 'continue' | undefined;
}

function cellsOf(row: XmlNode): Cell[] {
  let column = numberOf(valueOf(child(row, 'trPr'), 'gridBefore')) ?? 0;
  return [...parts(row, 'tc')].map((node): Cell => {
    const own = child(node, 'tcPr');
    const span = Math.min(63, Math.max(1, numberOf(valueOf(own, 'gridSpan')) ?? 1));
    const vertical = child(own, 'vMerge');
    const merge = vertical && (attribute(vertical, 'val') === 'restart' ? 'restart' : 'continue');
    column += span;
    return { node, column: column - span, span, merge };
  });
}

export function drawTable(node: XmlNode, drawing: Drawing, drawBlocks: DrawBlocks): HTMLElement {
  const own = child(node, 'tblPr');
  const styles = drawing.styles.chain('table', valueOf(own, 'tblStyle'));
  const table = make('table');
  dressTable(table, own, styles);
  const columns = children(child(node, 'tblGrid'), 'gridCol').map((one) =>
    points(attribute(one, 'w')),
  );
  const group = make('colgroup');
  for (const width of columns) {
    const column = make('col');
    put(column, 'width', pt(width));
    group.append(column);
  }
  const body = make('tbody');
  table.append(group, body);

  const rows = [...parts(node, 'tr')].map((row) => ({ row, cells: cellsOf(row) }));
  const look = looksOf(own);
  rows.forEach(({ row, cells }, at) => {
    const line = make('tr');
    body.append(line);
    const rowProperties = child(row, 'trPr');
    put(line, 'height', pt(points(attribute(child(rowProperties, 'trHeight'), 'val'))));
    cells.forEach((cell, number) => {
      if (cell.merge === 'continue' && at > 0) return;
      const drawn = make('td');
      line.append(drawn);
      if (cell.span > 1) drawn.colSpan = cell.span;
      const height = cell.merge === 'restart' ? heightOf(rows, at, cell.column) : 1;
      if (height > 1) drawn.rowSpan = height;
      const isLast = at + height >= rows.length;
      const isEnd = number === cells.length - 1;
      const conditions = conditionsOf(look, at, rows.length, number, isEnd);
      const special = styles.flatMap((style) =>
        conditions.flatMap((name) =>
          children(style, 'tblStylePr').filter((one) => attribute(one, 'type') === name),
        ),
      );
      dressCell(
        drawn,
        cell.node,
        { own, styles, special },
        (side) =>
          ({
            Top: at === 0 ? 'top' : 'insideH',
            Bottom: isLast ? 'bottom' : 'insideH',
            Left: number === 0 ? 'left' : 'insideV',
            Right: isEnd ? 'right' : 'insideV',
          })[side],
      );
      drawBlocks(cell.node.children, drawn, {
        ...drawing,
        breakPage: undefined,
        tableStyles: [...special, ...styles],
      });
    });
  });
  return table;
}

/** How many rows a cell goes through. */
function heightOf(
  rows: readonly { readonly cells: readonly Cell[] }[],
  at: number,
  column: number,
): number {
  let height = 1;
  const goesOn = (row: number) =>
    rows[row]?.cells.some((cell) => cell.column === column && cell.merge === 'continue') ?? false;
  while (goesOn(at + height)) height++;
  return height;
}

function dressTable(
  table: HTMLTableElement,
  own: XmlNode | undefined,
  styles: readonly XmlNode[],
): void {
  const width = child(own, 'tblW');
  const value = numberOf(attribute(width, 'w'));
  const unit = attribute(width, 'type');
  if (unit === 'pct' && value !== undefined) put(table, 'width', `${Math.min(100, value / 50)}%`);
  else if (unit === 'dxa') put(table, 'width', pt(points(attribute(width, 'w'))));
  if (valueOf(child(own, 'tblLayout'), 'type') === 'fixed') put(table, 'tableLayout', 'fixed');
  const align = valueOf(own, 'jc') ?? styles.map((one) => valueOf(child(one, 'tblPr'), 'jc'))[0];
  if (align === 'center') put(table, 'margin', '0 auto');
  else if (align === 'right' || align === 'end') put(table, 'marginInlineStart', 'auto');
  else put(table, 'marginInlineStart', pt(points(attribute(child(own, 'tblInd'), 'w'))));
}

type Look = ReadonlySet<string>;
const CONDITIONS = ['firstRow', 'lastRow', 'firstColumn', 'lastColumn', 'noHBand'] as const;
/** The same as bits (17.4.55), as older versions write them. */
const BITS = [0x20, 0x40, 0x80, 0x100, 0x200] as const;

function looksOf(own: XmlNode | undefined): Look {
  const look = child(own, 'tblLook');
  const bits = Number.parseInt(attribute(look, 'val') ?? '0', 16);
  return new Set(
    CONDITIONS.filter((name, i) => {
      const said = attribute(look, name);
      return said === undefined ? (bits & (BITS[i] ?? 0)) !== 0 : !isOff(said);
    }),
  );
}

/** Which special parts of a table's style hold for a cell, the strongest first (17.7.6). */
function conditionsOf(
  look: Look,
  row: number,
  rows: number,
  column: number,
  isEnd: boolean,
): string[] {
  const found: string[] = [];
  const hasHead = look.has('firstRow');
  if (hasHead && row === 0) found.push('firstRow');
  else if (look.has('lastRow') && row === rows - 1) found.push('lastRow');
  if (look.has('firstColumn') && column === 0) found.push('firstCol');
  else if (look.has('lastColumn') && isEnd) found.push('lastCol');
  const isBanded = !look.has('noHBand') && !found.includes('firstRow');
  if (isBanded) found.push((row - (hasHead ? 1 : 0)) % 2 === 0 ? 'band1Horz' : 'band2Horz');
  return found;
}

interface Around {
  readonly own: XmlNode | undefined;
  readonly styles: readonly XmlNode[];
  readonly special: readonly XmlNode[];
}

function dressCell(
  cell: HTMLTableCellElement,
  node: XmlNode,
  { own, styles, special }: Around,
  named: (side: Side) => string,
): void {
  const properties = child(node, 'tcPr');
  const ofTables = [own, ...styles.map((style) => child(style, 'tblPr'))];
  const ofStyles = [...special, ...styles].map((style) => child(style, 'tcPr'));
  const specialLines = special.map((style) => child(child(style, 'tcPr'), 'tcBorders'));
  dressBorders(
    cell,
    [
      child(properties, 'tcBorders') ?? specialLines.find((one) => one !== undefined),
      ...ofTables.map((one) => child(one, 'tblBorders')),
    ],
    named,
  );
  const fill = [properties, ...ofStyles]
    .map((one) => colour(attribute(child(one, 'shd'), 'fill')))
    .find((one) => one !== undefined);
  put(cell, 'backgroundColor', fill);
  const align = valueOf(properties, 'vAlign');
  put(cell, 'verticalAlign', align === 'center' ? 'middle' : align === 'bottom' ? 'bottom' : 'top');
  const width = child(properties, 'tcW');
  if (attribute(width, 'type') === 'dxa') put(cell, 'width', pt(points(attribute(width, 'w'))));
  const gap = (...names: string[]) => {
    const margins = [
      child(properties, 'tcMar'),
      ...ofTables.map((one) => child(one, 'tblCellMar')),
    ];
    return margins
      .flatMap((one) => names.map((name) => points(attribute(child(one, name), 'w'))))
      .find((one) => one !== undefined);
  };
  const [top, right, bottom, left] = [
    gap('top') ?? 0,
    gap('right', 'end') ?? CELL_GAP,
    gap('bottom') ?? 0,
    gap('left', 'start') ?? CELL_GAP,
  ];
  put(cell, 'padding', `${top}pt ${right}pt ${bottom}pt ${left}pt`);
}
