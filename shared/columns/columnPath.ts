/**
 * Names that are paths: `address.city` leads through an object, `benefits[1].name` through a list,
 * whose entries are numbered from 1. A name that merely has a dot or a bracket in it ("No.",
 * "Price [EUR]") is an ordinary name.
 */

/** A field's name, or the number of a list's entry. */
export type Step = string | number;

/** A name without surrounding blanks and any number of [1]. */
const SEGMENT = /^([^\s[\]](?:[^[\]]*[^\s[\]])?)((?:\[\d{1,6}\])*)$/;

/** The way that a name describes: one step, unless all of it is a well-formed path. */
export function stepsOf(name: string): Step[] {
  if (!mayBePath(name)) return [name];
  const steps: Step[] = [];
  for (const segment of name.split('.')) {
    const [, field, brackets] = SEGMENT.exec(segment) ?? [];
    if (field === undefined || brackets === undefined) return [name];
    steps.push(field, ...Array.from(brackets.matchAll(/\d+/g), ([digits]) => Number(digits)));
  }
  return steps;
}

/** Whether a name has what paths are made of. */
export const mayBePath = (name: string): boolean => name.includes('.') || name.includes('[');

/** The fields that a path leads through: the entries of a list are alike. */
export const fieldsOf = (name: string): string[] =>
  stepsOf(name).filter((step) => typeof step === 'string');

/** What leads from a list to its first entry, which stands for all of them. */
export const FIRST_ENTRY = '[1]';
