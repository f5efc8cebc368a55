/** What is used of numfmt: its package names a file of declarations that is not there. */
declare module 'numfmt' {
  /** The text of a value; throws for a code that cannot be read. */
  export function format(
    pattern: string,
    value: unknown,
    options?: { locale?: string; dateErrorNumber?: boolean },
  ): string;
  /** The code of a built-in format. */
  export function getFormatFromId(id: number, locale?: string): string | null;
}
