/**
 * The closed list of what is written otherwise than stock docxtemplater writes it: where that is what
 * Word refuses, what no XML reader reads, or not what people mean. Whatever is not listed here equals
 * stock, byte for byte. Every engine repairs alike; docs/templates.md shows the list.
 */

export interface Repair {
  readonly id: string;
  /**
   * template: done once, in the template, before anything reads its tags. filling: done in each document,
   * compiled into the program where a template compiles.
   */
  readonly where: 'template' | 'filling';
  /** What stock writes or reads. */
  readonly stock: string;
  readonly instead: string;
  /** Why, with the source; numbers of sections are those of ECMA-376 part 1 where no part is named. */
  readonly reason: string;
}

export const REPAIRS = [
  {
    id: 'line-ends',
    where: 'filling',
    stock: 'Breaks lines at LF alone; CR stays as a character.',
    instead: 'CRLF, CR, LF, U+2028 and U+2029 in values each break the line once.',
    reason:
      'They are what systems end lines with (Unicode 5.8); a CR in a text is shown as a blank (XML 1.0 2.11).',
  },
  {
    id: 'line-breaks-elsewhere',
    where: 'filling',
    stock: 'Writes breaks of WordprocessingML into every text, also of DrawingML and of equations.',
    instead:
      'A break of DrawingML between two runs of it; a blank in equations and other texts of one line.',
    reason: 'The part is no XML otherwise. a:br stands between runs (21.1.2.2.1); m:t is one line.',
  },
  {
    id: 'tracked-formatting',
    where: 'filling',
    stock: 'Cuts the properties of a run off at the former ones that a tracked change holds.',
    instead: 'The properties behind a line break are whole, without the tracked change.',
    reason: 'The part is no XML otherwise. A run has one w:rPr, closed by its own tag (17.3.2.28).',
  },
  {
    id: 'emptied-containers',
    where: 'filling',
    stock:
      'Leaves text boxes, notes, comments, headers and footers empty, and cells without a paragraph at their end.',
    instead: 'An empty paragraph, at the end.',
    reason:
      'Cells end with a paragraph (17.4.65); a text box, note or comment holds at least one block (17.17.1, 17.11.10, 17.13.4.2).',
  },
  {
    id: 'emptied-content-controls',
    where: 'filling',
    stock: 'Puts a paragraph into every content control that lost its content, whatever it held.',
    instead:
      'One that held rows or cells goes with them, and a row or table without any left with it; one among runs is empty.',
    reason: 'What a content control may hold goes by where it stands (17.5.2.33 to 17.5.2.36).',
  },
  {
    id: 'repeated-numbers',
    where: 'filling',
    stock: 'Repeats the ids of drawings, pictures and text boxes with their section.',
    instead: 'Numbers of their own from the second copy on.',
    reason:
      'The id of a drawing is unique in its part (20.4.2.5), as that of a shape (part 4, 19.1.2.19).',
  },
  {
    id: 'repeated-marks',
    where: 'filling',
    stock: 'Repeats bookmarks and marks of comments with their section.',
    instead: 'They stay with the first copy.',
    reason:
      'Of two bookmarks of one name the second is ignored (17.13.6.2); a comment is anchored once (17.13.4.3 to 17.13.4.5).',
  },
  {
    id: 'template-numbers',
    where: 'template',
    stock: 'Copies ids of drawings and shapes that the template has twice.',
    instead: 'Numbers of their own.',
    reason: 'As for repeated numbers: some builds of Word call the file unreadable.',
  },
  {
    id: 'template-spelling',
    where: 'template',
    stock:
      'Reads tags of XML only as Word spells them: one blank before attributes, double quotes, no comments in texts and no CDATA; adds a second xml:space beside one in single quotes.',
    instead: 'The template is spelt as Word does it.',
    reason: 'All of it is the same to a reader of XML (XML 1.0 2.3 to 2.7, 3.1).',
  },
  {
    id: 'template-characters',
    where: 'template',
    stock: 'Takes references such as &#233; for what is written, in names of tags too.',
    instead: 'The characters that they stand for.',
    reason: 'Both are the same text (XML 1.0 4.1).',
  },
  {
    id: 'template-encoding',
    where: 'template',
    stock: 'Reads every part as UTF-8.',
    instead: 'Parts in UTF-16, or in the encoding that they declare, become UTF-8.',
    reason:
      'Parts may be in UTF-16 (part 2, 6.2.5), and in what an XML declaration names (XML 1.0 4.3.3).',
  },
  {
    id: 'template-prefixes',
    where: 'template',
    stock: 'Finds elements by their usual prefixes only: w:t, a:t, dc:title.',
    instead: 'Elements get the usual prefix of their namespace.',
    reason: 'A prefix stands for its namespace and may be any (Namespaces in XML 1.0, 4).',
  },
  {
    id: 'template-content-types',
    where: 'template',
    stock: 'Finds types of parts only without a prefix, and in the case of the part.',
    instead: '[Content_Types].xml is written anew.',
    reason: 'Extensions and names are compared whatever their case (part 2, 7.2.3.3).',
  },
] as const satisfies readonly Repair[];
