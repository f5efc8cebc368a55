/** The comments of a sheet (ECMA-376 part 1, 18.7): those that are there stay, and a report's are added. */
import { xmlAttributes, xmlTags, localName } from '../../../office/xmlScan.ts';
import { appendTo, childOf, readElements, type XmlElement } from '../../../office/xmlElements.ts';
import { withEdits, type XmlEdit } from '../../../office/xmlEdit.ts';
import { textElement } from '../../../workbooks/cellText.ts';

export interface CellComment {
  /** Such as B5. */
  readonly reference: string;
  readonly text: string;
}

export interface ChangedComments {
  readonly text: string;
  /** Cells that had a comment before. */
  readonly before: ReadonlySet<string>;
}

/** Who is said to have written them. */
const AUTHOR = 'Sheaf';

const emptyComments = (namespace: string) =>
  `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="${namespace}"><authors/><commentList/></comments>`;

/**
 * @param given the part's text; undefined where there is none
 * @param namespace of the workbook's elements
 * @throws XmlMalformed
 */
export function addComments(
  given: string | undefined,
  namespace: string,
  comments: readonly CellComment[],
): ChangedComments {
  const text = given ?? emptyComments(namespace);
  const root = readElements(text, 4);
  const { prefix: p } = root;
  const authors = childOf(root, 'authors');
  const list = childOf(root, 'commentList');
  const edits: XmlEdit[] = [];
  const author = authors?.children.length ?? 0;
  const known = new Map(
    (list?.children ?? []).map((comment) => [
      xmlAttributes(comment.tag).get('ref')?.toUpperCase() ?? '',
      comment,
    ]),
  );
  const run = (content: string) => `<${p}r>${textElement(content, p)}</${p}r>`;
  const added: string[] = [];
  for (const { reference, text: content } of comments) {
    const other = known.get(reference);
    const body = other && childOf(other, 'text');
    if (body) edits.push(...appendRun(body, run(`\n${content}`), p));
    else
      added.push(
        `<${p}comment ref="${reference}" authorId="${author}"><${p}text>${run(content)}</${p}text></${p}comment>`,
      );
  }
  const authorXml = `<${p}author>${AUTHOR}</${p}author>`;
  // The list of authors comes first, and both are needed.
  if (authors) edits.push(...appendTo(authors, authorXml));
  else {
    const at = root.tag.end;
    edits.push({ start: at, end: at, text: `<${p}authors>${authorXml}</${p}authors>` });
  }
  if (list) edits.push(...appendTo(list, added.join('')));
  else {
    const at = authors?.end ?? root.tag.end;
    edits.push({
      start: at,
      end: at,
      text: `<${p}commentList>${added.join('')}</${p}commentList>`,
    });
  }
  return { text: withEdits(text, edits), before: new Set(known.keys()) };
}

/** Adds to the runs of a text, of which a plain one becomes the first. */
function appendRun(body: XmlElement, run: string, p: string): XmlEdit[] {
  const last = body.children.filter(({ name }) => name === 't' || name === 'r').at(-1);
  if (!last) return appendTo(body, run);
  const behind = { start: last.end, end: last.end };
  if (last.name === 'r') return [{ ...behind, text: run }];
  const { start } = last.tag;
  return [
    { start, end: start, text: `<${p}r>` },
    { ...behind, text: `</${p}r>${run}` },
  ];
}

/** Cells that have a conversation, which Excel shows in place of the comment. @throws XmlMalformed */
export function conversationsOf(threads: string): Set<string> {
  const found = new Set<string>();
  for (const tag of xmlTags(threads)) {
    if (localName(tag.name) !== 'threadedComment') continue;
    const reference = xmlAttributes(tag).get('ref');
    if (reference !== undefined) found.add(reference.toUpperCase());
  }
  return found;
}
