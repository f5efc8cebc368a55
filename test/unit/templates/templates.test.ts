import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { newCreation } from '../../../shared/creation.ts';
import { objectKeys } from '../../../shared/keys.ts';
import { MAX_TEMPLATE_BYTES } from '../../../shared/limits.ts';
import { Problem } from '../../../shared/problems.ts';
import {
  CreatedTemplateSchema,
  CreateTemplateSchema,
  TemplateViewSchema,
} from '../../../shared/schemas/templateApi.ts';
import {
  completeTemplate,
  createTemplate,
  getTemplate,
  listTemplates,
  loadTemplate,
  requireReadyTemplate,
  templateUpload,
} from '../../../shared/templates/templates.ts';
import { createMemoryPorts, type MemoryPorts } from '../../support/memoryPorts.ts';
import { TEMPLATE_FIXTURES } from '../../support/templateFixtures.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

const OWNER = 'owner-1';
const LETTER = wordFile(paragraphs('Dear {name},'));
const OTHER_LETTER = wordFile(paragraphs('Hello {nickname},'));

let ports: MemoryPorts;
beforeEach(() => {
  ports = createMemoryPorts();
});

const create = async (name = 'Letter') =>
  (
    await createTemplate(
      ports,
      OWNER,
      { name, fileName: 'letter.docx' },
      newCreation('template', ports),
    )
  ).templateId;

const upload = (templateId: string, bytes: Uint8Array) =>
  ports.objects.put(objectKeys.templateUpload(templateId), bytes);

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('No problem was raised.');
}

describe('createTemplate', () => {
  it('gives a link to upload to', async () => {
    const made = await createTemplate(
      ports,
      OWNER,
      { name: 'Letter', fileName: 'letter.docx' },
      newCreation('template', ports),
    );
    const created = { ...made, upload: await templateUpload(ports, made.templateId) };
    expect(CreatedTemplateSchema.parse(created)).toEqual(created);
    expect(created).toMatchObject({
      status: 'awaiting_upload',
      createdAt: '2026-01-01T00:00:00.000Z',
      upload: { method: 'PUT', expiresAt: '2026-01-01T01:00:00.000Z' },
    });
    expect(created.upload.headers).toMatchObject({
      'content-type': expect.stringContaining('wordprocessingml') as string,
    });
  });

  it('is forgotten after a day without a file', async () => {
    const templateId = await create();
    ports.clock.advance(24 * 3_600_000 + 1_000);
    expect((await problemOf(getTemplate(ports, OWNER, templateId))).code).toBe(
      'TEMPLATE_NOT_FOUND',
    );
    expect((await listTemplates(ports, OWNER, { limit: 20 })).data).toEqual([]);
  });

  it.each(['letter.doc', 'letter.pptx', 'letter', '.docx', 'a/.docx', 'letter.docx.exe'])(
    'takes no file named %s',
    (fileName) => {
      expect(CreateTemplateSchema.safeParse({ name: 'Letter', fileName }).success).toBe(false);
    },
  );

  it('takes Word files, in any case', () => {
    expect(
      CreateTemplateSchema.parse({ name: ' Letter ', fileName: 'Angebot für 王.DOCX' }),
    ).toEqual({
      name: 'Letter',
      fileName: 'Angebot für 王.DOCX',
    });
  });
});

describe('completeTemplate', () => {
  it('checks the file, keeps it apart and makes the template ready', async () => {
    const templateId = await create();
    await upload(templateId, LETTER);
    const view = await completeTemplate(ports, OWNER, templateId);
    expect(TemplateViewSchema.parse(view)).toEqual(view);
    expect(view).toMatchObject({
      status: 'ready',
      tags: [{ name: 'name', kind: 'value', path: [], part: 'word/document.xml' }],
      engine: { tier: expect.any(String) as string },
      warnings: [],
    });
    expect(await getTemplate(ports, OWNER, templateId)).toEqual(view);
    expect(Buffer.from(await loadTemplate(ports, templateId)).equals(LETTER)).toBe(true);
    expect(await requireReadyTemplate(ports, OWNER, templateId)).toMatchObject({
      sha256: createHash('sha256').update(LETTER).digest('hex'),
      bytes: LETTER.length,
    });
    ports.clock.advance(1_000 * 24 * 3_600_000);
    expect((await getTemplate(ports, OWNER, templateId)).status).toBe('ready');
  });

  it('can be repeated, and never takes another file once ready', async () => {
    const templateId = await create();
    await upload(templateId, LETTER);
    const view = await completeTemplate(ports, OWNER, templateId);
    await upload(templateId, OTHER_LETTER);
    expect(await completeTemplate(ports, OWNER, templateId)).toEqual(view);
    expect(Buffer.from(await loadTemplate(ports, templateId)).equals(LETTER)).toBe(true);
  });

  it('comes to one end when two run at once over two files', async () => {
    const templateId = await create();
    await upload(templateId, LETTER);
    const first = completeTemplate(ports, OWNER, templateId);
    await upload(templateId, OTHER_LETTER);
    const [one, two] = await Promise.all([first, completeTemplate(ports, OWNER, templateId)]);
    expect(one).toEqual(two);
    const stored = await loadTemplate(ports, templateId);
    const { sha256 } = await requireReadyTemplate(ports, OWNER, templateId);
    expect(sha256).toBe(createHash('sha256').update(stored).digest('hex'));
  });

  it('goes on where a crash left it, with the file that was stored', async () => {
    const templateId = await create();
    await ports.objects.put(objectKeys.template(templateId), LETTER);
    await upload(templateId, OTHER_LETTER);
    expect((await completeTemplate(ports, OWNER, templateId)).tags?.[0]?.name).toBe('name');
  });

  it('needs an upload', async () => {
    const templateId = await create();
    expect(await problemOf(completeTemplate(ports, OWNER, templateId))).toMatchObject({
      code: 'INVALID_STATE',
      message: expect.stringContaining('upload link') as string,
    });
    expect((await getTemplate(ports, OWNER, templateId)).status).toBe('awaiting_upload');
  });

  it('refuses a file that is too large', async () => {
    const templateId = await create();
    await upload(templateId, new Uint8Array(MAX_TEMPLATE_BYTES + 1));
    expect(await problemOf(completeTemplate(ports, OWNER, templateId))).toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining(String(MAX_TEMPLATE_BYTES)) as string,
    });
    expect((await getTemplate(ports, OWNER, templateId)).status).toBe('awaiting_upload');
  });

  it('lists every fault, and takes a corrected file', async () => {
    const templateId = await create();
    await upload(
      templateId,
      TEMPLATE_FIXTURES['TEMPLATE_INVALID-many-faults']?.() ?? new Uint8Array(),
    );
    const problem = await problemOf(completeTemplate(ports, OWNER, templateId));
    expect(problem.code).toBe('TEMPLATE_INVALID');
    expect(problem.errors).toHaveLength(5);
    expect((await getTemplate(ports, OWNER, templateId)).status).toBe('invalid');
    expect(await problemOf(requireReadyTemplate(ports, OWNER, templateId))).toMatchObject({
      code: 'INVALID_STATE',
    });
    await expect(loadTemplate(ports, templateId)).rejects.toThrow('no object');

    await upload(templateId, LETTER);
    expect((await completeTemplate(ports, OWNER, templateId)).status).toBe('ready');
  });

  it('leaves a ready template ready when a slower check fails', async () => {
    const templateId = await create();
    await upload(templateId, Buffer.from('no file'));
    const slow = problemOf(
      completeTemplate(
        {
          ...ports,
          objects: {
            ...ports.objects,
            read: async (key, range) => {
              const bytes = await ports.objects.read(key, range);
              await upload(templateId, LETTER);
              await completeTemplate(ports, OWNER, templateId);
              return bytes;
            },
          },
        },
        OWNER,
        templateId,
      ),
    );
    expect((await slow).code).toBe('TEMPLATE_INVALID');
    expect((await getTemplate(ports, OWNER, templateId)).status).toBe('ready');
  });
});

describe('templates of an owner', () => {
  it('are not found by others', async () => {
    const templateId = await create();
    for (const use of [getTemplate, completeTemplate, requireReadyTemplate]) {
      expect((await problemOf(use(ports, 'owner-2', templateId))).code).toBe('TEMPLATE_NOT_FOUND');
    }
    expect((await listTemplates(ports, 'owner-2', { limit: 20 })).data).toEqual([]);
    expect(
      (await problemOf(getTemplate(ports, OWNER, 'tpl_00000000000000000000000000'))).code,
    ).toBe('TEMPLATE_NOT_FOUND');
  });

  it('are listed newest first, page by page', async () => {
    for (const name of ['one', 'two', 'three']) {
      await create(name);
      ports.clock.advance(1_000);
    }
    const first = await listTemplates(ports, OWNER, { limit: 2 });
    expect(first.data.map(({ name }) => name)).toEqual(['three', 'two']);
    const last = await listTemplates(ports, OWNER, { limit: 2, cursor: first.nextCursor ?? '' });
    expect(last).toMatchObject({ data: [{ name: 'one' }], nextCursor: null });
  });

  it('must be ready for a task', async () => {
    const templateId = await create();
    expect(await problemOf(requireReadyTemplate(ports, OWNER, templateId))).toMatchObject({
      code: 'INVALID_STATE',
      message: expect.stringContaining('awaits its file') as string,
    });
  });
});
