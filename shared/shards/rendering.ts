/** The stage that renders: a part of a row is one document, one row filled into one template. */
import { readReportBytes } from '../archive/segmentReader.ts';
import { createSegmentWriter } from '../archive/segmentWriter.ts';
import { columnsReadBy, valueTags } from '../columns/fill.ts';
import { readFaults } from '../dataSources/rowFaults.ts';
import { isBlankRow } from '../dataSources/rows.ts';
import { withTypedValues } from './typedRow.ts';
import {
  columnsOfNames,
  compileNames,
  type DocumentNames,
  type NameResult,
} from '../rendering/documentNames.ts';
import {
  openBase,
  tellUnusable,
  type BaseDocuments,
  type FoundDocument,
} from '../reuse/baseDocuments.ts';
import { createFingerprint } from '../reuse/fingerprint.ts';
import { createTakingOver } from '../reuse/takingOver.ts';
import type { Row, RowFailure, RowFault } from '../schemas/common.ts';
import type { Order } from '../schemas/items.ts';
import type { Ports } from '../ports.ts';
import { loadSpellings, type TaskSpellings } from '../tasks/taskNames.ts';
import { tagsRead } from '../tags/compileFormats.ts';
import { compiledTemplate } from './templateCache.ts';
import { WorkOtherwise, type PartOutcome, type PrepareWork, type Work } from './work.ts';
import { loadSteps, type LoadedSteps } from '../rowSteps/taskSteps.ts';
import { notCalled, resolveRow, type Resolved } from '../rowSteps/resolveRow.ts';
import { splitEnding } from '../rowSteps/fileTypes.ts';
import { readFile } from '../stepAnswers/answersObject.ts';
import { NO_ANSWERS } from '../stepAnswers/rowAnswers.ts';
import { partsOf, type RowPart } from '../tasks/parts.ts';

/** What documents are made of: of a task, or of what is tried before one. */
export type RenderedOrder = Pick<Order, 'templates' | 'options' | 'fileName' | 'steps'>;

/**
 * Work on rows.
 * @param base whose documents are taken over where they would be the same
 * @param tellBroken told when they cannot be: then the documents are made
 */
type WorkUpon = (base?: BaseDocuments, tellBroken?: (error: unknown) => void) => Work;

/** The stage of a task. */
export const prepareRendering: PrepareWork = async (ports, task, shard) => {
  const steps = task.steps && (await loadSteps(ports, task));
  const workWith = await createRendering(ports, task, await loadSpellings(ports, task), steps);
  // Whoever has documents made anew wants them made.
  const base = shard.layer === undefined ? await openBase(ports, task, shard) : undefined;
  return workWith(base, (error) => tellUnusable(ports, task, error));
};

/** Why a row lacks what its steps give; undefined when it has all. */
const lackOf = (resolved: Resolved | undefined): RowFailure | undefined => {
  if (resolved?.state === 'failed') return resolved.failure;
  return resolved?.state === 'waiting' ? notCalled(resolved.step.step.name) : undefined;
};

/** Patterns of names of files, by step. */
function compileFileNames(
  steps: LoadedSteps | undefined,
  parts: number,
): Map<string, DocumentNames> {
  const patterns = steps?.steps.flatMap(({ step: { name, response } }, i) => {
    if (!response.file) return [];
    const { stem } = splitEnding(response.file.name);
    return [[name, compileNames(stem, parts, steps.spellings[i])] as const];
  });
  return new Map(patterns);
}

/**
 * Makes documents of rows. A bad row is a value: it becomes a line of the reports. What is thrown is a broken
 * world.
 */
export async function createRendering(
  ports: Pick<Ports, 'objects'>,
  task: RenderedOrder,
  speltNames: TaskSpellings,
  steps?: LoadedSteps,
): Promise<WorkUpon> {
  const parts = partsOf(task);
  const compiled = await Promise.all(
    task.templates.map((template) => compiledTemplate(ports, template, task.options)),
  );
  const names = compileNames(task.fileName, parts.length, speltNames.fileName);
  const readsTyped = names.readsTyped || compiled.some((each) => each.readsTyped);
  const templates = task.templates.map(({ label, sha256 }, i) => {
    const its = compiled[i];
    if (!its) throw new Error(`There is no template ${i}.`);
    const spellings = speltNames.templates[i];
    const filledBy = { sha256, compiled: its, spellings, options: task.options, readsTyped };
    return { label, compiled: its, spellings, fingerprint: createFingerprint(filledBy) };
  });
  const fileNames = compileFileNames(steps, parts.length);
  const { missingValue, documentTimeoutSeconds } = task.options;
  const partMs = documentTimeoutSeconds * 1000;
  const inNames = {
    tags: valueTags(columnsOfNames(task.fileName)),
    spellings: speltNames.fileName,
  };

  /** Why a document cannot be made that reads one of these cells; undefined when it reads none. */
  function faultOf(
    { compiled, spellings }: (typeof templates)[number],
    faults: readonly RowFault[],
  ): RowFailure | undefined {
    const used = columnsReadBy(
      faults.map(({ column }) => column),
      [{ tags: tagsRead(compiled.tags), spellings }, inNames],
    );
    const fault = faults.find((_, i) => used.has(i));
    return fault && { code: 'RENDER_FAILED', column: fault.column, detail: fault.detail };
  }

  const workWith: WorkUpon = (base, tellBroken): Work => ({
    parts: parts.length,
    partMs,
    async open(key, before) {
      const carried = before && (await readReportBytes(ports, before));
      const writer = createSegmentWriter(ports, key, carried);
      const taking = base && createTakingOver(ports, writer);
      let row = 0;
      let values: Row = {};
      let blank = false;
      /** Why the row cannot be worked on. */
      let refused: RowFailure | undefined;
      let next = 0;
      let faults: readonly RowFault[] = [];
      /** What its steps gave; absent where there are none. */
      let resolved: Resolved | undefined;
      /** Names of the row's documents. */
      let taken = new Set<string>();

      function fail(label: string, failure: RowFailure): PartOutcome {
        writer.failure({ row, template: label, failure });
        return { status: 'failed', label, failure };
      }

      function nameOf({ kind, label }: RowPart): NameResult {
        const pattern = (kind === 'file' ? fileNames.get(label) : undefined) ?? names;
        const file = resolved?.files.get(label);
        const extension = kind === 'document' ? undefined : (file?.extension ?? '.json');
        return pattern.name({
          row,
          template: label,
          values,
          taken,
          ...(extension && { extension }),
        });
      }

      /** Gives the archive a file of a row step, or what the steps answered. */
      async function give(part: RowPart): Promise<PartOutcome> {
        const { label, kind } = part;
        if (blank) {
          writer.skipped({ row, template: label });
          return { status: 'skipped' };
        }
        const file = resolved?.files.get(label);
        const lacking = refused ?? (kind === 'file' && file ? undefined : lackOf(resolved));
        if (lacking) return fail(label, lacking);
        const named = nameOf(part);
        if (!named.ok) return fail(label, named.failure);
        if (taking?.isPending) await settle();
        const bytes = file
          ? await readFile(ports, file)
          : Buffer.from(`${JSON.stringify(resolved?.given ?? {}, null, 2)}\n`);
        writer.document({ row, template: label, name: named.name, bytes });
        return { status: 'succeeded' };
      }

      /** The bytes of what was taken over come before what is made next. */
      async function settle(): Promise<void> {
        try {
          await taking?.settle();
        } catch (error) {
          tellBroken?.(error);
          throw new WorkOtherwise(workWith(), error);
        }
      }

      return {
        row(numbered, from) {
          row = numbered.row;
          const { selected = true } = numbered;
          faults = selected === true ? readFaults(numbered.faults) : [];
          blank = selected === false || isBlankRow(numbered.values);
          refused = typeof selected === 'object' ? selected : undefined;
          values = readsTyped ? withTypedValues(numbered) : numbered.values;
          next = from;
          taken = new Set();
          resolved = undefined;
          if (blank || refused) return;
          if (steps) {
            const { answers = NO_ANSWERS } = numbered;
            const asked = withTypedValues(numbered);
            resolved = resolveRow(steps, { row, values: asked, missingValue, faults, answers });
            values = { ...values, ...resolved.given };
          }
          // The names of documents that an earlier attempt made are taken.
          for (const part of parts.slice(0, from)) nameOf(part);
        },
        part(timeMs) {
          const part = parts[next];
          const template = templates[next++];
          if (!part) throw new Error(`A row has ${parts.length} parts.`);
          if (!template) return give(part);
          const { label, compiled, spellings } = template;
          const fault = faults.length > 0 ? faultOf(template, faults) : undefined;
          if (fault) return fail(label, fault);
          if (blank) {
            writer.skipped({ row, template: label });
            return { status: 'skipped' };
          }
          if (refused) return fail(label, refused);
          const lacking = lackOf(resolved);
          if (lacking) return fail(label, lacking);
          const named = nameOf(part);
          if (!named.ok) return fail(label, named.failure);
          const { name } = named;
          const fingerprint = template.fingerprint(values);

          function make(): PartOutcome {
            const options = { missingValue, timeoutMs: timeMs, spellings };
            const rendered = compiled.render(values, options, (bytes) => writer.room(name, bytes));
            if (rendered.ok) {
              const { document: bytes, head } = rendered;
              writer.document({ row, template: label, name, bytes, head, fingerprint });
              return { status: 'succeeded' };
            }
            if (rendered.failure.code === 'TIMEOUT' && timeMs < partMs) {
              return { status: 'unfinished' };
            }
            return fail(label, rendered.failure);
          }

          function takeOver(found: FoundDocument | undefined): PartOutcome | Promise<PartOutcome> {
            if (!found || !taking || fingerprint === undefined) {
              return taking?.isPending ? settle().then(make) : make();
            }
            taking.add({ row, template: label, name, fingerprint }, found);
            return { status: 'succeeded' };
          }

          const found = fingerprint === undefined ? undefined : base?.find(fingerprint);
          return found instanceof Promise ? found.then(takeOver) : takeOver(found);
        },
        get full() {
          return writer.full || taking?.full === true;
        },
        async flush() {
          if (taking?.full) await settle();
          await writer.flush();
        },
        async finish() {
          await settle();
          return writer.finish();
        },
        abort: () => writer.abort(),
      };
    },
  });
  return workWith;
}
