/** Requests and views of the template routes (docs/api.md). */
import * as z from 'zod';
import {
  EngineSchema,
  TagSchema,
  TemplateIdSchema,
  TemplateStatusSchema,
  TextSchema,
  UploadTargetSchema,
} from './common.ts';

/** What to say of a file name that does not end in .docx. */
function templateFileNameAdvice(fileName: unknown): string {
  const name = typeof fileName === 'string' ? fileName : '';
  if (/\.(doc|dot|dotx|docm|dotm|odt|rtf|pages|wps)$/i.test(name))
    return 'Open the file in Word, save it as "Word Document (.docx)" and upload that.';
  if (/\.(csv|jsonl?|xls[xmb]?|ods|numbers|tsv)(\.gz)?$/i.test(name))
    return 'This is a table: upload it as a data source. A template is a Word document, ending in .docx.';
  return 'The name of a Word document, ending in .docx; other kinds cannot be templates so far.';
}

/** Body of POST /templates. */
export const CreateTemplateSchema = z.strictObject({
  name: TextSchema.trim()
    .min(1)
    .max(200)
    .describe('A name for people; {template} in names of documents.')
    .meta({ example: 'Offer letter' }),
  fileName: TextSchema.trim()
    .max(255)
    .regex(/[^/\\]\.docx$/i, {
      error: ({ input }) => templateFileNameAdvice(input),
    })
    .describe('Name of the file that will be uploaded.')
    .meta({ example: 'offer-letter.docx' }),
});
export type CreateTemplate = z.infer<typeof CreateTemplateSchema>;

/** A template as clients see it. */
export const TemplateViewSchema = z.object({
  templateId: TemplateIdSchema,
  name: z.string(),
  fileName: z.string(),
  status: TemplateStatusSchema,
  tags: z.array(TagSchema).optional().describe('Once ready: what rows are to fill.'),
  engine: EngineSchema.optional().describe('Once ready: how it is rendered.'),
  warnings: z
    .array(z.string())
    .optional()
    .describe('Once ready: what is allowed but should be looked at.'),
  createdAt: z.iso.datetime(),
});
export type TemplateView = z.infer<typeof TemplateViewSchema>;

/** Answer of POST /templates. */
export const CreatedTemplateSchema = TemplateViewSchema.extend({ upload: UploadTargetSchema });
