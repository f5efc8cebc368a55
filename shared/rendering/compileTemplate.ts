/** The entry of the rendering port: checks a template and chooses the engine that fills it. */
import type { WordPackage } from '../office/wordPackage.ts';
import { openTemplate } from './openTemplate.ts';
import { readTags, type TemplateTags } from './tags/readTags.ts';
import { wideBraceWarnings } from './tags/wideBraces.ts';
import { Problem } from '../problems.ts';
import { invalidFile, NO_TAGS_WARNING } from '../templateFaults.ts';
import type { CompiledTemplate, CompileTemplate } from './renderer.ts';
import type { TriedEngine } from '../schemas/common.ts';
import { chooseEngine, type Choice } from './chooseEngine.ts';
import { ENGINE_BUILD } from './engineBuild.ts';
import { unfilledPlaces } from './places/unfilledPlaces.ts';
import { rowFailure } from './rowFailures.ts';
import { TimeExceeded, withTimeLimit } from './timeLimit.ts';

/**
 * How long checking and parsing may take. What a template may hold is bounded by its size (limits.ts),
 * and takes some seconds at most on one core; this holds what those bounds do not know of.
 */
const COMPILE_MS = 20_000;

export interface InspectedTemplate {
  readonly compiled: CompiledTemplate;
  /** What is allowed but should be looked at. */
  readonly warnings: readonly string[];
}

/**
 * Checks a template from its bytes on and compiles it.
 * @param limitMs how long that may take
 * @param how paragraphs are treated, and the engine that trying gave before
 * @throws Problem TEMPLATE_INVALID with every fault found
 */
export function inspectTemplate(
  bytes: Uint8Array,
  limitMs = COMPILE_MS,
  how: Choice = {},
): InspectedTemplate {
  try {
    return withTimeLimit(limitMs, () => inspect(bytes, how));
  } catch (error) {
    if (!(error instanceof TimeExceeded)) throw error;
    throw invalidFile(
      'TEMPLATE_TOO_SLOW',
      `The template could not be checked within ${limitMs / 1000} s. Make it smaller or simpler.`,
      '',
      error,
    );
  }
}

function inspect(bytes: Uint8Array, how: Choice): InspectedTemplate {
  const template = openTemplate(bytes);
  const tags = readTags(template);
  const warnings = [
    ...template.warnings,
    ...unfilledPlaces(template, tags.parts),
    ...wideBraceWarnings(tags.parts),
  ];
  if (tags.tags.length === 0) {
    warnings.push(NO_TAGS_WARNING);
  }
  return { compiled: compile(template, tags, how), warnings };
}

function compile(template: WordPackage, tags: TemplateTags, how: Choice): CompiledTemplate {
  try {
    return chooseEngine(template, tags, how);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { tag, detail } = rowFailure(error);
    throw invalidFile(
      'TEMPLATE_NOT_FILLED',
      tag === undefined
        ? 'The template cannot be filled, not even with an empty row. Save it again with Word, or simplify it.'
        : `The template cannot be filled, not even with an empty row: see the tag {${tag}}. ${detail}`,
      '',
      error,
    );
  }
}

export const compileTemplate: CompileTemplate = (bytes, options = {}) => {
  const { emptyParagraphs = 'keep', missingValue, tried } = options;
  const how =
    emptyParagraphs === 'keep'
      ? { known: knownFrom(tried) }
      : // What was tried was filled otherwise.
        { removal: { keepsMissing: missingValue === 'error' } };
  return inspectTemplate(bytes, COMPILE_MS, how).compiled;
};

/** What another process found out, if it ran what this one runs. */
const knownFrom = (tried: TriedEngine | undefined) =>
  tried && tried.build === ENGINE_BUILD ? tried.engine : undefined;
