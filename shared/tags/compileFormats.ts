/** The formats of a tag, ready to be applied, and everything that is wrong with them. */
import { nearestAmong } from '../columns/nearest.ts';
import type { TemplateFaultCode } from '../problems.ts';
import type { Tag } from '../schemas/common.ts';
import { formatNamed, formatNames } from './formats/catalogue.ts';
import { isFault, type Apply, type FormatContext } from './formats/format.ts';
import { takeApart, type WrittenFormat } from './writtenTag.ts';

export interface FormatFault {
  readonly code: Extract<TemplateFaultCode, 'FORMAT_UNKNOWN' | 'FORMAT_ARGUMENT'>;
  /** A sentence without its point, that says what to do. */
  readonly detail: string;
}

export interface CompiledFormats {
  readonly apply: Apply;
  readonly faults: readonly FormatFault[];
}

const nearest = nearestAmong(formatNames.map((name) => ({ column: name, names: [name] })));

export function compileFormats(formats: readonly WrittenFormat[]): CompiledFormats {
  const faults: FormatFault[] = [];
  const steps: Apply[] = [];
  for (const { name, arguments: given } of formats) {
    const kind = formatNamed(name);
    if (!kind) {
      faults.push({ code: 'FORMAT_UNKNOWN', detail: unknown(name) });
      continue;
    }
    const { least, most, usage } = kind;
    if (given.length < least || given.length > most) {
      const wanted =
        most === 0
          ? 'no argument'
          : `${least === most ? '' : 'at most '}${most} ${most === 1 ? 'argument' : 'arguments'}`;
      faults.push({
        code: 'FORMAT_ARGUMENT',
        detail: `The format ${name} takes ${wanted}, and has ${given.length}. Write ${usage}`,
      });
      continue;
    }
    const made = kind.compile(given);
    if (isFault(made)) {
      faults.push({ code: 'FORMAT_ARGUMENT', detail: made.fault.replace(/\.$/, '') });
    } else steps.push(made);
  }
  const apply = (value: unknown, context: FormatContext) =>
    steps.reduce((formatted, step) => step(formatted, context), value);
  return { apply, faults };
}

function unknown(name: string): string {
  const meant = nearest(name);
  const hint =
    meant === undefined ? `There are ${formatNames.join(', ')}.` : `Did you mean ${meant}?`;
  return `There is no format "${name}". ${hint} If it is part of a column's name, write the name in quotes, as in {"a | b"}`;
}

/** Formats as they are told (writtenTag.ts), read back. */
export const readFormats = (told: readonly string[] = []): readonly WrittenFormat[] =>
  told.length === 0 ? [] : takeApart(`x | ${told.join(' | ')}`).formats;

/** Columns of a list's entries that formats read. */
export const columnsInside = (formats: readonly WrittenFormat[]): string[] =>
  formats.flatMap(({ name, arguments: given }) => formatNamed(name)?.columnOf?.(given) ?? []);

/** The tags of a template, and what their formats read in the entries of lists. */
export const tagsRead = (tags: readonly Tag[]): Tag[] =>
  tags.flatMap((tag) => {
    const { name, path, part } = tag;
    const inside = columnsInside(readFormats(tag.formats)).map((column): Tag => ({
      name: column,
      kind: 'value',
      path: [...path, name],
      part,
    }));
    return [tag, ...inside];
  });

/** What kind of value formats read: that of the first which does not take any text. */
export const kindRead = (formats: readonly WrittenFormat[]) =>
  formats
    .map(({ name }) => formatNamed(name)?.reads)
    .find((reads) => reads !== undefined && reads !== 'text');
