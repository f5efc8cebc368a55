/** What the sections of a template are: lists, objects or conditions. Only the data says it for sure. */
import { stepsOf } from '../columns/columnPath.ts';
import type { Tag } from '../schemas/common.ts';
import { kindRead, readFormats } from '../tags/compileFormats.ts';

export type SectionKind = 'list' | 'object' | 'condition';

/** Names that ask a question: isManager, has_bonus, "with bonus", 是否在职. */
const QUESTION =
  /^(?:is|has|have|show|with|needs?|can|should|includes?|if)(?=[\p{Lu}_\- \d])|^(?:是否|有无|是不是)/u;

/**
 * What each section is, by its name:
 * - a list, where a format or a number in a path reads it as one, or `{.}` stands in it;
 * - a condition, where it is printed as a value, too, or asks a question, or where everything in it is read
 *   outside of it as well;
 * - an object, where another tag leads through it: `{address.city}`;
 * - else a list: with one entry it shows what stands in it once, as a condition would.
 */
export function sectionKinds(tags: readonly Tag[]): (name: string) => SectionKind {
  const kinds = new Map<string, SectionKind>();
  const sections = new Map<string, { inside: Set<string>; isEntered: boolean }>();
  const outside = new Map<string, Set<string>>();
  const printed = new Set<string>();
  const listed = new Set<string>();
  const holders = new Set<string>();

  for (const { name, kind, path, formats } of tags) {
    if (kindRead(readFormats(formats)) === 'list') listed.add(name);
    else if (kind === 'value' && name !== '.') printed.add(name);
    if (kind === 'section' && (formats?.length ?? 0) === 0) {
      sectionOf(name).isEntered = true;
    }
    const steps = stepsOf(name);
    for (let i = 1; i < steps.length; i++) {
      const holder = steps.slice(0, i).join('.');
      if (typeof steps[i] === 'number') listed.add(holder);
      else holders.add(holder);
    }
    for (const section of path) {
      sectionOf(section).inside.add(name);
      if (name === '.' && path.at(-1) === section) listed.add(section);
    }
  }
  // Sections in which a name stands everywhere are no reason to look for it outside of them.
  for (const { name, path } of tags) {
    for (const section of sections.keys()) {
      if (!path.includes(section)) setOf(outside, section).add(name);
    }
  }

  function sectionOf(name: string) {
    const found = sections.get(name) ?? { inside: new Set<string>(), isEntered: false };
    sections.set(name, found);
    return found;
  }

  function kindOf(name: string): SectionKind {
    if (listed.has(name)) return 'list';
    if (printed.has(name)) return 'condition';
    if (holders.has(name)) return 'object';
    const section = sections.get(name);
    if (!section?.isEntered || QUESTION.test(name)) return 'condition';
    const isOutside = (inner: string) => outside.get(name)?.has(inner) ?? false;
    return [...section.inside].every(isOutside) ? 'condition' : 'list';
  }

  return (name) => {
    const known = kinds.get(name) ?? kindOf(name);
    kinds.set(name, known);
    return known;
  };
}

function setOf(map: Map<string, Set<string>>, key: string): Set<string> {
  const found = map.get(key) ?? new Set<string>();
  map.set(key, found);
  return found;
}
