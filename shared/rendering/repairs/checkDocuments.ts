/** Holds the documents that a template is tried with to what Word opens, before it is called ready. */
import { invalidTemplate, type TemplateFault } from '../../templateFaults.ts';
import { findBreaches, type Breach } from './wordRules.ts';

/** How much text around a breach is quoted, in UTF-16 units of XML. */
const CONTEXT_UNITS = 200;
const QUOTED_CHARACTERS = 40;

export interface DocumentCheck {
  /**
   * Looks at a document.
   * @param kind of the row that it was filled with
   */
  look(kind: string, parts: ReadonlyMap<string, Uint8Array>): void;
  /** @throws Problem TEMPLATE_INVALID when some document would not open */
  conclude(): void;
}

/**
 * @param unfilled the template's parts, by name: what they break themselves, Word lives with
 * @param names of those that filling changes
 */
export function createDocumentCheck(
  unfilled: (name: string) => string,
  names: ReadonlySet<string>,
): DocumentCheck {
  const known = new Map<string, ReadonlySet<string>>();
  const faults = new Map<string, TemplateFault>();
  const ofTemplate = (name: string) => {
    const rules = known.get(name) ?? new Set(findBreaches(unfilled(name)).map(({ rule }) => rule));
    known.set(name, rules);
    return rules;
  };
  return {
    look(kind, parts) {
      for (const name of names) {
        const content = parts.get(name);
        if (!content) continue;
        const xml = Buffer.from(content).toString();
        const breach = findBreaches(xml).find(({ rule }) => !ofTemplate(name).has(rule));
        if (!breach || faults.has(name)) continue;
        faults.set(name, faultOf(name, kind, breach, xml));
      }
    },
    conclude() {
      if (faults.size > 0) throw invalidTemplate([...faults.values()]);
    },
  };
}

function faultOf(name: string, kind: string, { rule, offset }: Breach, xml: string): TemplateFault {
  const around = xml
    .slice(Math.max(0, offset - CONTEXT_UNITS), offset + CONTEXT_UNITS)
    .replace(/^[^<]*>|<[^>]*>?/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, QUOTED_CHARACTERS);
  return {
    code: 'DOCUMENT_BROKEN',
    pointer: name,
    detail: `Word would not open the documents: filled with ${kind}, ${rule} in ${name}${around === '' ? '' : ` (near "${around}")`}. Put the tags there into a paragraph or a section of their own, or save the file again with Word.`,
  };
}
