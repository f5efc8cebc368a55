/**
 * What the services of the example answer: a workflow run as Dify does (docs.dify.ai, "Execute Workflow"), a chat
 * completion as services do that follow OpenAI's, and a picture.
 */
import { hash } from 'node:crypto';
import * as z from 'zod';
import { picture } from './picture.ts';

/** What is sent back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent one after the other, with a pause between. */
  readonly pieces: readonly (string | Uint8Array)[];
}

/** One of the services. */
export interface Service {
  /** Whether the key that came with a request is its own. */
  readonly accepts: (headers: Readonly<Record<string, unknown>>, key: string) => boolean;
  /** How it refuses, in its own words. */
  readonly refuse: (status: number, code: string, message: string) => Answer;
  /** Does the work that is paid for, or says what is wrong with the request. @param id of the work */
  readonly work: (body: unknown, id: string) => Answer;
}

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  pieces: [JSON.stringify(body)],
});

const bearer = (headers: Readonly<Record<string, unknown>>, key: string) =>
  headers['authorization'] === `Bearer ${key}`;

/** A few words about a topic that are the same each time. */
function summaryOf(topic: string, audience: string): string {
  const opening = ['In short', 'At a glance', 'Above all', 'Put simply'];
  const [first = 0] = hash('sha256', topic, 'buffer');
  const said = `${opening[first % opening.length]}: ${topic}`.replace(/[.\s]*$/, '.');
  return audience === '' ? said : `${said} Told for ${audience}.`;
}

const text = z.string().default('');

// ── Dify ──
const RunSchema = z.object({
  inputs: z.object({ title: text, topic: text, audience: text }),
  response_mode: z.enum(['blocking', 'streaming']).default('blocking'),
  user: z.string().min(1),
});
/** What the workflow's model reads at the most, in characters. */
const MAX_TOPIC = 2_000;

const difyRefusal: Service['refuse'] = (status, code, message) =>
  json(status, { code, message, status });

const events = (all: readonly object[]): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  pieces: ['event: ping\n\n', ...all.map((event) => `data: ${JSON.stringify(event)}\n\n`)],
});

function runWorkflow(body: unknown, id: string): Answer {
  const run = RunSchema.safeParse(body);
  if (!run.success) {
    const [issue] = run.error.issues;
    return difyRefusal(400, 'invalid_param', `${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { inputs, response_mode: mode } = run.data;
  if (inputs.topic === '') {
    return difyRefusal(400, 'invalid_param', 'topic is required in input form');
  }
  // As Dify does, a run that fails is answered with 200 too.
  const hasFailed = inputs.topic.length > MAX_TOPIC;
  const summary = summaryOf(inputs.topic, inputs.audience);
  const at = Math.floor(Date.now() / 1_000);
  const names = { task_id: `task-${id}`, workflow_run_id: `run-${id}` };
  const begun = { id: `run-${id}`, workflow_id: 'slide-briefs', created_at: at };
  const ended = {
    ...begun,
    status: hasFailed ? 'failed' : 'succeeded',
    outputs: hasFailed ? null : { text: summary, words: summary.split(' ').length },
    error: hasFailed ? 'The topic is longer than the model reads.' : null,
    elapsed_time: 0.4,
    total_tokens: 3 * summary.length,
    total_steps: 3,
    finished_at: at,
  };
  if (mode === 'blocking') return json(200, { ...names, data: ended });
  const node = {
    node_id: 'llm',
    node_type: 'llm',
    title: 'Summarize',
    index: 2,
    status: 'succeeded',
  };
  return events([
    { event: 'workflow_started', ...names, data: begun },
    { event: 'node_finished', ...names, data: { ...node, outputs: { text: summary } } },
    { event: 'workflow_finished', ...names, data: ended },
  ]);
}

// ── A chat, as OpenAI's ──
const ChatSchema = z.object({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1),
});

const chatRefusal: Service['refuse'] = (status, code, message) =>
  json(status, { error: { message, type: 'invalid_request_error', param: null, code } });

function chat(body: unknown, id: string): Answer {
  const asked = ChatSchema.safeParse(body);
  if (!asked.success) return chatRefusal(400, 'invalid_request', 'model and messages are needed.');
  const { model, messages } = asked.data;
  const content = summaryOf(messages.at(-1)?.content ?? '', '');
  return json(200, {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1_000),
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 20, completion_tokens: 30, total_tokens: 50 },
  });
}

// ── Pictures ──
const MAX_SIDE = 2_000;
const side = z.int().min(1).max(MAX_SIDE);
const PictureSchema = z.object({
  prompt: z.string().min(1),
  width: side.default(320),
  height: side.default(180),
  /** Where the picture is sent to when it is painted; without it, the picture is the answer. */
  callback_url: z.url().optional(),
});

const pictureRefusal: Service['refuse'] = (status, code, message) =>
  json(status, { error: { code, message } });

function paint(body: unknown): Answer {
  const asked = PictureSchema.safeParse(body);
  if (!asked.success) return pictureRefusal(400, 'bad_request', 'A prompt is needed.');
  const { prompt, width, height } = asked.data;
  const bytes = picture(prompt, width, height);
  return { status: 200, headers: { 'content-type': 'image/png' }, pieces: [bytes] };
}

/** The services by the path that each is called at, by POST. */
export const SERVICES: Readonly<Record<string, Service>> = {
  '/v1/workflows/run': { accepts: bearer, refuse: difyRefusal, work: runWorkflow },
  '/v1/chat/completions': { accepts: bearer, refuse: chatRefusal, work: chat },
  '/images': {
    accepts: (headers, key) => headers['x-api-key'] === key,
    refuse: pictureRefusal,
    work: paint,
  },
};
