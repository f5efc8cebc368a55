/**
 * A client of the HTTPS API, and nothing more: what it can do, any other program can. Answers are
 * parsed by the schemas of the contract.
 */
import { z } from 'zod';
import type { ProblemBody, ProblemCode, ProblemDetail } from '../shared/problems.ts';
import { PROBLEMS } from '../shared/problems.ts';
import { UploadTargetSchema } from '../shared/schemas/common.ts';
import { DataSourceViewSchema, type DataSourceView } from '../shared/schemas/dataSourceApi.ts';
import { SnapshotSchema, type Snapshot } from '../shared/schemas/stream.ts';
import {
  CreatedTaskSchema,
  DownloadSchema,
  FailureViewSchema,
  TaskViewSchema,
  TicketSchema,
  type CreatedTask,
  type Download,
  type FailureView,
  type TaskView,
} from '../shared/schemas/taskApi.ts';
import { TemplateViewSchema, type TemplateView } from '../shared/schemas/templateApi.ts';

/** A refusal by the API, with everything that it says about the reason. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ProblemCode | undefined;
  readonly errors: readonly ProblemDetail[];

  constructor(status: number, message: string, body: Partial<ProblemBody> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code;
    this.errors = body.errors ?? [];
  }
}

const ProblemBodySchema = z.object({
  detail: z.string(),
  code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]).optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/** What API Gateway answers by itself, before a function is reached. */
const GatewayBodySchema = z.object({ message: z.string() });

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text();
  const json = ((): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  })();
  const problem = ProblemBodySchema.safeParse(json);
  if (problem.success) return new ApiError(response.status, problem.data.detail, problem.data);
  const gateway = GatewayBodySchema.safeParse(json);
  const message = gateway.success ? gateway.data.message : `HTTP ${response.status}`;
  return new ApiError(response.status, message);
}

const UPLOAD_ANSWER = { upload: UploadTargetSchema };

/** Between two looks at a data source that is being ingested, in ms. */
const INGEST_POLL_MS = 100;

/** What is uploaded; a Blob of a file is read while it is sent. */
type Upload = Uint8Array<ArrayBuffer> | Blob;

export type SheafClient = ReturnType<typeof createClient>;

/**
 * A client for the API at `apiUrl` (without the base path's routes, such as
 * http://localhost:3000/api/v2). Its methods throw ApiError for a refusal.
 */
export function createClient({ apiUrl, apiKey }: { apiUrl: string; apiKey: string }) {
  async function call<S extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.output<S>> {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await refusal(response);
    return schema.parse(await response.json());
  }

  /** A call whose answer is `{"data": …}`. */
  const data = async <S extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.output<S>> => {
    const answer = await call(method, path, z.object({ data: z.unknown() }), body);
    return schema.parse(answer.data);
  };

  async function put(target: z.infer<typeof UploadTargetSchema>, bytes: Upload) {
    const response = await fetch(target.url, {
      method: target.method,
      headers: target.headers,
      body: bytes,
    });
    if (!response.ok) {
      throw new ApiError(response.status, `The upload was refused with HTTP ${response.status}.`);
    }
  }

  return {
    apiUrl,

    /** Uploads a template and has it checked. */
    async uploadTemplate(
      fileName: string,
      bytes: Uint8Array<ArrayBuffer>,
      name = fileName.replace(/\.[^.]+$/, ''),
    ): Promise<TemplateView> {
      const created = await data('POST', '/templates', TemplateViewSchema.extend(UPLOAD_ANSWER), {
        name,
        fileName,
      });
      await put(created.upload, bytes);
      return data('POST', `/templates/${created.templateId}/complete`, TemplateViewSchema);
    },

    /** Uploads rows and waits until they are ingested; the answer is `ready` or `invalid`. */
    async uploadDataSource(
      fileName: string,
      bytes: Upload,
      name = fileName,
    ): Promise<DataSourceView> {
      const created = await data(
        'POST',
        '/data-sources',
        DataSourceViewSchema.extend(UPLOAD_ANSWER),
        { name, fileName },
      );
      const path = `/data-sources/${created.dataSourceId}`;
      await put(created.upload, bytes);
      let source = await data('POST', `${path}/complete`, DataSourceViewSchema, {});
      while (source.status === 'ingesting') {
        await new Promise((resolve) => setTimeout(resolve, INGEST_POLL_MS));
        source = await data('GET', path, DataSourceViewSchema);
      }
      return source;
    },

    createTask: (body: Record<string, unknown>): Promise<CreatedTask> =>
      data('POST', '/batch/tasks', CreatedTaskSchema, body),

    startTask: (taskId: string): Promise<TaskView> =>
      data('POST', `/batch/tasks/${taskId}/start`, TaskViewSchema),

    cancelTask: (taskId: string): Promise<TaskView> =>
      data('POST', `/batch/tasks/${taskId}/cancel`, TaskViewSchema),

    getTask: (taskId: string): Promise<TaskView> =>
      data('GET', `/batch/tasks/${taskId}`, TaskViewSchema),

    getProgress: (taskId: string): Promise<Snapshot> =>
      data('GET', `/batch/tasks/${taskId}/progress`, SnapshotSchema),

    getDownload: (taskId: string): Promise<Download> =>
      data('GET', `/batch/tasks/${taskId}/download/zip`, DownloadSchema),

    /** Every failure of a task, page by page. */
    async *failures(taskId: string): AsyncGenerator<FailureView, void, undefined> {
      const page = z.object({
        data: z.array(FailureViewSchema),
        nextCursor: z.string().nullable(),
      });
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const { data: failures, nextCursor }: z.infer<typeof page> = await call(
          'GET',
          `/batch/tasks/${taskId}/failures?limit=100${after}`,
          page,
        );
        yield* failures;
        cursor = nextCursor;
      } while (cursor !== null);
    },

    /** The address of the WebSocket, with a fresh ticket. */
    async streamUrl(): Promise<string> {
      const ticket = await data('POST', '/stream/tickets', TicketSchema);
      return ticket.websocketUrl;
    },
  };
}
