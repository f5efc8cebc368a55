/** The language that a format writes in. */
import type { ArgumentFault } from './format.ts';

export const LANGUAGE_DEFAULT = 'en-US';

/** A language that the platform knows, or what is wrong with its tag. */
export function languageOf(tag: string | undefined): string | ArgumentFault {
  if (tag === undefined) return LANGUAGE_DEFAULT;
  const [known] = supported(tag);
  return (
    known ?? { fault: `${JSON.stringify(tag)} is no language. Write one such as "de" or "zh-CN".` }
  );
}

function supported(tag: string): string[] {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag);
  } catch {
    return [];
  }
}
