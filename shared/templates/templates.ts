/**
 * Templates, from the upload on. A template is checked once, when its upload is completed; its bytes
 * are then stored for good, so that whatever is uploaded later changes no task.
 */
import { deleteUpload, isThere } from '../deletion/deleteUpload.ts';
import { uploadNotes } from '../deletion/dueNotes.ts';
import { createHash } from 'node:crypto';
import type { Creation } from '../creation.ts';
import { objectKeys, ownerPartitions } from '../keys.ts';
import { AWAITING_UPLOAD_SECONDS, MAX_TEMPLATE_BYTES, TEMPLATE_CHECK_MS } from '../limits.ts';
import { ObjectMissing, type Ports } from '../ports.ts';
import { Problem } from '../problems.ts';
import { ENGINE_BUILD } from '../rendering/engineBuild.ts';
import { inspectTemplate, type InspectedTemplate } from '../rendering/compileTemplate.ts';
import type { Page, PageQuery, UploadTarget } from '../schemas/common.ts';
import { uploadTarget } from '../uploadTarget.ts';
import type { TemplateItem } from '../schemas/items.ts';
import type { CreateTemplate, TemplateView } from '../schemas/templateApi.ts';
import { templateStore } from './templateStore.ts';

/** Media type of templates and documents (IANA). */
export const DOCX_MEDIA_TYPE =
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** Makes a template that awaits its file. One that never becomes ready is forgotten after a day. */
export async function createTemplate(
  ports: Pick<Ports, 'table' | 'clock'>,
  ownerId: string,
  { name, fileName }: CreateTemplate,
  { id: templateId, isRepeat }: Creation,
): Promise<TemplateView> {
  const before = isRepeat ? await templateStore.find(ports, templateId) : undefined;
  if (before) return viewOf(before);
  const createdAt = ports.clock.now();
  const template = {
    templateId,
    ownerId,
    ownerKey: ownerPartitions.templates(ownerId),
    ownerSort: templateId,
    name,
    fileName,
    status: 'awaiting_upload' as const,
    createdAt,
    expiresAt: Math.floor(createdAt / 1000) + AWAITING_UPLOAD_SECONDS,
  };
  await uploadNotes.note(ports, { id: templateId, dueAt: template.expiresAt });
  return viewOf(await templateStore.add(ports, templateId, template));
}

/** A link to upload the file of a template to. */
export const templateUpload = (
  ports: Pick<Ports, 'objects' | 'clock'>,
  templateId: string,
): Promise<UploadTarget> =>
  uploadTarget(ports, objectKeys.templateUpload(templateId), DOCX_MEDIA_TYPE);

/**
 * Checks the uploaded file and makes the template ready. Repeatable: a template that is ready stays
 * as it is; one that was invalid is checked again, with what has been uploaded since.
 * @throws Problem TEMPLATE_NOT_FOUND, INVALID_STATE when nothing was uploaded, PAYLOAD_TOO_LARGE,
 *   TEMPLATE_INVALID with every fault found
 */
export async function completeTemplate(
  ports: Pick<Ports, 'table' | 'objects'>,
  ownerId: string,
  templateId: string,
): Promise<TemplateView> {
  const template = await templateStore.load(ports, ownerId, templateId);
  if (template.status === 'ready') return viewOf(template);

  const stored = await storeChecked(ports, templateId, await readUpload(ports, templateId));
  const ready = await templateStore.change(
    ports,
    templateId,
    {
      set: {
        status: 'ready',
        tags: stored.compiled.tags,
        engine: stored.compiled.engine,
        ...(ENGINE_BUILD === undefined ? {} : { engineBuild: ENGINE_BUILD }),
        warnings: stored.warnings,
        bytes: stored.bytes.length,
        sha256: createHash('sha256').update(stored.bytes).digest('hex'),
      },
      remove: ['expiresAt'],
    },
    { all: [{ present: 'pk' }, isThere] },
  );
  return viewOf(ready ?? (await templateStore.load(ports, ownerId, templateId)));
}

/** @throws Problem TEMPLATE_NOT_FOUND */
export const getTemplate = async (
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  templateId: string,
): Promise<TemplateView> => viewOf(await templateStore.load(ports, ownerId, templateId));

/**
 * Deletes a template. It is not there any more at once; tasks that were made with it go on.
 * @throws Problem TEMPLATE_NOT_FOUND
 */
export async function deleteTemplate(
  ports: Pick<Ports, 'table' | 'objects' | 'clock' | 'log'>,
  ownerId: string,
  templateId: string,
): Promise<void> {
  await templateStore.load(ports, ownerId, templateId);
  await deleteUpload(ports, templateId);
}

/** The owner's templates, newest first. */
export async function listTemplates(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  query: PageQuery,
): Promise<Page<TemplateView>> {
  const { items, next } = await templateStore.page(ports, ownerId, query);
  return { data: items.map(viewOf), nextCursor: next ?? null };
}

/**
 * A template that a task can use.
 * @throws Problem TEMPLATE_NOT_FOUND, INVALID_STATE before it is ready
 */
export async function requireReadyTemplate(
  ports: Pick<Ports, 'table'>,
  ownerId: string,
  templateId: string,
): Promise<TemplateItem> {
  const template = await templateStore.load(ports, ownerId, templateId);
  if (template.status === 'ready') return template;
  throw new Problem(
    'INVALID_STATE',
    template.status === 'invalid'
      ? `The template ${templateId} is invalid. Correct its file, upload it again and complete it.`
      : `The template ${templateId} awaits its file. Upload it and complete the template first.`,
  );
}

/** The bytes of a template that is ready. @throws ObjectMissing */
export const loadTemplate = (
  { objects }: Pick<Ports, 'objects'>,
  templateId: string,
): Promise<Uint8Array> => objects.read(objectKeys.template(templateId));

async function readUpload(
  { objects }: Pick<Ports, 'objects'>,
  templateId: string,
): Promise<Uint8Array> {
  const key = objectKeys.templateUpload(templateId);
  const head = await objects.head(key);
  if (!head) throw nothingUploaded(templateId);
  if (head.bytes > MAX_TEMPLATE_BYTES) throw tooLarge(head.bytes);
  const bytes = await objects.read(key).catch((error: unknown) => {
    throw error instanceof ObjectMissing ? nothingUploaded(templateId) : error;
  });
  // The link is still good: another file may have come between the two calls.
  if (bytes.length > MAX_TEMPLATE_BYTES) throw tooLarge(bytes.length);
  return bytes;
}

/**
 * Checks a file and stores it as the template's. When another completion has stored one before, that
 * one counts, so that both come to the same end.
 */
async function storeChecked(
  ports: Pick<Ports, 'table' | 'objects'>,
  templateId: string,
  uploaded: Uint8Array,
): Promise<InspectedTemplate & { bytes: Uint8Array }> {
  const inspected = await inspectOrRefuse(ports, templateId, uploaded);
  const key = objectKeys.template(templateId);
  const isFirst = await ports.objects.put(key, uploaded, {
    ifAbsent: true,
    contentType: DOCX_MEDIA_TYPE,
  });
  if (isFirst) return { ...inspected, bytes: uploaded };
  const bytes = await ports.objects.read(key);
  return { ...inspectTemplate(bytes), bytes };
}

async function inspectOrRefuse(
  ports: Pick<Ports, 'table'>,
  templateId: string,
  bytes: Uint8Array,
): Promise<InspectedTemplate> {
  try {
    return inspectTemplate(bytes, TEMPLATE_CHECK_MS);
  } catch (error) {
    if (error instanceof Problem) {
      await templateStore.change(
        ports,
        templateId,
        { set: { status: 'invalid' } },
        { attribute: 'status', is: '<>', value: 'ready' },
      );
    }
    throw error;
  }
}

const nothingUploaded = (templateId: string) =>
  new Problem(
    'INVALID_STATE',
    `Nothing was uploaded for the template ${templateId}. PUT the file to its upload link first.`,
  );

const tooLarge = (bytes: number) =>
  new Problem(
    'PAYLOAD_TOO_LARGE',
    `The file has ${bytes} bytes; a template may have ${MAX_TEMPLATE_BYTES}. Compress its pictures in Word.`,
  );

function viewOf(template: TemplateItem): TemplateView {
  const { templateId, name, fileName, status, tags, engine, warnings, createdAt } = template;
  return {
    templateId,
    name,
    fileName,
    status,
    ...(tags && { tags }),
    ...(engine && { engine }),
    ...(warnings && { warnings }),
    createdAt: new Date(createdAt).toISOString(),
  };
}
