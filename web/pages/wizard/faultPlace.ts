/** Where a fault of a Word document is, as people find it in Word. */

export const PARTS = ['header', 'footer', 'footnotes', 'endnotes', 'comments'] as const;
export type Part = (typeof PARTS)[number];

export interface FaultPlace {
  /** Undefined for the text itself. */
  readonly part: Part | undefined;
  /** Counted from 1. */
  readonly paragraph: number | undefined;
}

/** Which part a file of the document is: word/header1.xml is a header. */
export const partOf = (file: string): Part | undefined =>
  PARTS.find((name) => file.startsWith(`word/${name}`));

/** @param pointer as the service names places: `word/footer1.xml, paragraph 12` */
export function faultPlace(pointer: string): FaultPlace {
  const [, paragraph] = /, paragraph (\d+)$/.exec(pointer) ?? [];
  return {
    part: partOf(pointer),
    paragraph: paragraph === undefined ? undefined : Number(paragraph),
  };
}
