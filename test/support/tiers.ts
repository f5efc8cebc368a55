/** Fills a template with every engine: what one tier fills, all must fill, and to the same bytes. */
import { openTemplate } from '../../shared/rendering/openTemplate.ts';
import { compileTemplate } from '../../shared/rendering/compileTemplate.ts';
import { prepareTemplate } from '../../shared/rendering/prepareTemplate.ts';
import type {
  CompiledTemplate,
  EmptyParagraphs,
  RenderOptions,
} from '../../shared/rendering/renderer.ts';
import { reusedParseEngine, stockEngine } from '../../shared/rendering/stockEngine.ts';
import { readTags } from '../../shared/rendering/tags/readTags.ts';
import type { Row, RowFailure } from '../../shared/schemas/common.ts';
import { readParts } from './readParts.ts';

const OPTIONS: RenderOptions = { missingValue: 'empty', timeoutMs: 30_000 };

interface Tier {
  readonly name: string;
  readonly engine: CompiledTemplate;
}

/** The engine that was chosen for the template, and the two that it may fall back to. */
function tiersOf(
  template: Uint8Array,
  emptyParagraphs: EmptyParagraphs = 'keep',
  { missingValue }: RenderOptions = OPTIONS,
): Tier[] {
  const chosen = compileTemplate(template, { emptyParagraphs, missingValue });
  const opened = openTemplate(template);
  const removal =
    emptyParagraphs === 'remove' ? { keepsMissing: missingValue === 'error' } : undefined;
  const prepared = prepareTemplate(opened, readTags(opened), { removal });
  return [
    { name: `chosen: ${chosen.engine.tier}`, engine: chosen },
    { name: 'reused-parse', engine: reusedParseEngine(prepared, []) },
    { name: 'stock', engine: stockEngine(prepared, []) },
  ];
}

/**
 * The parts of the document, as text by name.
 * @param options.tier that must be chosen for the template
 * @throws when a tier gives something else than the others, or fails
 */
export async function fillInEveryTier(
  template: Uint8Array,
  row: Row,
  { tier = 'compiled', emptyParagraphs }: { tier?: string; emptyParagraphs?: EmptyParagraphs } = {},
): Promise<Map<string, string>> {
  const [first, ...others] = tiersOf(template, emptyParagraphs);
  if (!first) throw new Error('There is no tier.');
  if (first.engine.engine.tier !== tier) {
    throw new Error(`${first.name}: ${first.engine.engine.reasons.join(' ')}`);
  }
  const expected = await fill(first, row);
  for (const other of others) {
    const found = await fill(other, row);
    for (const name of new Set([...expected.keys(), ...found.keys()])) {
      if (expected.get(name) !== found.get(name)) {
        throw new Error(
          `${name} differs.\n${first.name}: ${expected.get(name)}\n${other.name}: ${found.get(name)}`,
        );
      }
    }
  }
  return expected;
}

async function fill({ name, engine }: Tier, row: Row): Promise<Map<string, string>> {
  const result = engine.render(row, OPTIONS);
  if (!result.ok) throw new Error(`${name}: ${result.failure.detail}`);
  const parts = await readParts(result.document);
  return new Map(Array.from(parts, ([part, content]) => [part, content.toString()]));
}

/** The failure of a row, the same in every tier. */
export function failInEveryTier(
  template: Uint8Array,
  row: Row,
  options: RenderOptions = OPTIONS,
  emptyParagraphs?: EmptyParagraphs,
): RowFailure {
  const failures = tiersOf(template, emptyParagraphs, options).map(({ name, engine }) => {
    const result = engine.render(row, options);
    if (result.ok) throw new Error(`${name}: the row did not fail.`);
    return result.failure;
  });
  const [first] = failures;
  const different = failures.find((failure) => JSON.stringify(failure) !== JSON.stringify(first));
  if (!first || different) throw new Error(`${JSON.stringify(first)} ${JSON.stringify(different)}`);
  return first;
}

/**
 * Fills a template with many rows.
 * @returns a function that gives the parts of a row's document as text; undefined when the row fails
 * @throws when the tiers differ, in what they write or in why they fail
 */
export function sameInEveryTier(
  template: Uint8Array,
  emptyParagraphs?: EmptyParagraphs,
): (row: Row) => Promise<Map<string, string> | undefined> {
  const tiers = tiersOf(template, emptyParagraphs);
  return async (row) => {
    const outcomes: { name: string; parts?: Map<string, string>; told: string }[] = [];
    for (const { name, engine } of tiers) {
      const result = engine.render(row, OPTIONS);
      if (!result.ok) outcomes.push({ name, told: JSON.stringify(result.failure) });
      else {
        const read = await readParts(result.document);
        const parts = new Map(Array.from(read, ([part, content]) => [part, content.toString()]));
        outcomes.push({ name, parts, told: JSON.stringify([...parts].sort()) });
      }
    }
    const [first, ...others] = outcomes;
    const other = others.find(({ told }) => told !== first?.told);
    if (other) throw new Error(`${first?.name}: ${first?.told}\n${other.name}: ${other.told}`);
    return first?.parts;
  };
}
