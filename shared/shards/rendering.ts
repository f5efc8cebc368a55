/** The stage that renders: a part of a row is one document, one row filled into one template. */
import { readReportBytes } from '../archive/segmentReader.ts';
import { createSegmentWriter } from '../archive/segmentWriter.ts';
import { columnsReadBy, valueTags } from '../columns/fill.ts';
import { readFaults } from '../dataSources/rowFaults.ts';
import { isBlankRow } from '../dataSources/rows.ts';
import { withTypedValues } from './typedRow.ts';
import { columnsOfNames, compileNames } from '../rendering/documentNames.ts';
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

/** What documents are made of: of a task, or of what is tried before one. */
export type RenderedOrder = Pick<Order, 'templates' | 'options' | 'fileName'>;

/**
 * Work on rows.
 * @param base whose documents are taken over where they would be the same
 * @param tellBroken told when they cannot be: then the documents are made
 */
type WorkUpon = (base?: BaseDocuments, tellBroken?: (error: unknown) => void) => Work;

/** The stage of a task. */
export const prepareRendering: PrepareWork = async (ports, task, shard) => {
  const workWith = await createRendering(ports, task, await loadSpellings(ports, task));
  // Whoever has documents made anew wants them made.
  const base = shard.layer === undefined ? await openBase(ports, task, shard) : undefined;
  return workWith(base, (error) => tellUnusable(ports, task, error));
};

/**
 * Makes documents of rows. A bad row is a value: it becomes a line of the reports. What is thrown is a broken
 * world.
 */
export async function createRendering(
  ports: Pick<Ports, 'objects'>,
  task: RenderedOrder,
  speltNames: TaskSpellings,
): Promise<WorkUpon> {
  const compiled = await Promise.all(
    task.templates.map((template) => compiledTemplate(ports, template, task.options)),
  );
  const names = compileNames(task.fileName, compiled.length, speltNames.fileName);
  const readsTyped = names.readsTyped || compiled.some((each) => each.readsTyped);
  const templates = task.templates.map(({ label, sha256 }, i) => {
    const its = compiled[i];
    if (!its) throw new Error(`There is no template ${i}.`);
    const spellings = speltNames.templates[i];
    const filledBy = { sha256, compiled: its, spellings, options: task.options, readsTyped };
    return { label, compiled: its, spellings, fingerprint: createFingerprint(filledBy) };
  });
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
    parts: templates.length,
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
      /** Names of the row's documents. */
      let taken = new Set<string>();

      function fail(label: string, failure: RowFailure): PartOutcome {
        writer.failure({ row, template: label, failure });
        return { status: 'failed', label, failure };
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
          if (blank || refused) return;
          // The names of documents that an earlier attempt made are taken.
          for (const { label } of templates.slice(0, from)) {
            names.name({ row, template: label, values, taken });
          }
        },
        part(timeMs) {
          const template = templates[next++];
          if (!template) throw new Error(`A row has ${templates.length} documents.`);
          const { label, compiled, spellings } = template;
          const fault = faults.length > 0 ? faultOf(template, faults) : undefined;
          if (fault) return fail(label, fault);
          if (blank) {
            writer.skipped({ row, template: label });
            return { status: 'skipped' };
          }
          if (refused) return fail(label, refused);
          const named = names.name({ row, template: label, values, taken });
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
