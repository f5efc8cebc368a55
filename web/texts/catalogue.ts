/** What a catalogue of texts is: that of another language has the same keys, and each takes the same. */

/** The shape of a catalogue, whatever its texts say. */
export type ShapeOf<T> = T extends string
  ? string
  : T extends (...input: infer I) => string
    ? (...input: I) => string
    : { readonly [K in keyof T]: ShapeOf<T[K]> };

/** Forms of a text by number, as Intl.PluralRules names them; # is the number. */
export interface Forms {
  readonly one?: string;
  readonly other: string;
}

/** Chooses the form for a number and writes it into it, as a language does. */
export function createPlural(locale: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (count, forms) => {
    const form = rules.select(count) === 'one' ? (forms.one ?? forms.other) : forms.other;
    return form.replaceAll('#', numbers.format(count));
  };
}
