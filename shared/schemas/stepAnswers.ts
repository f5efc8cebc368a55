/** What became of row steps, row by row, and the objects that it is kept in. */
import * as z from 'zod';
import { RowFailureSchema, type Row } from './common.ts';

/** Where a file lies that came with an answer. */
export const AnsweredFileSchema = z.object({
  /** Its first byte, behind the lines of its object. */
  at: z.int().min(0),
  bytes: z.int().min(1),
  /** Ending of its name, with the point. */
  extension: z.string(),
});

/** Values by column, of any depth: not looked into, as they were made by JSON.parse. */
export const StepValuesSchema = z.record(z.string(), z.custom<Row[string]>());

/** One line: what a step gave for a row, or why it gave nothing. */
export const AnswerLineSchema = z.object({
  /** 1-based number of the row in the task. */
  row: z.int().min(1),
  step: z.string(),
  /** The run of the task that asked. */
  run: z.int().min(1),
  /** Fingerprint of the request (rowSteps/request.ts); empty where the row could not be filled in. */
  request: z.string(),
  values: StepValuesSchema.optional(),
  file: AnsweredFileSchema.optional(),
  failure: RowFailureSchema.optional(),
  /** There while the answer is still to come: when the request was taken, in ms since 1970. */
  sentAt: z.int().optional(),
  /** Of such a request: the run whose failure it follows, if any. */
  after: z.int().min(1).optional(),
});
export type AnswerLine = z.infer<typeof AnswerLineSchema>;

/** TASK#id / ANSWERS#layer#row#n: an object of answers, lines of JSON and behind them the files that they name. */
export const AnswersObjectSchema = z.object({
  key: z.string(),
  linesBytes: z.int().min(1),
  /** The rows that it has lines of, from the lowest to the highest number; others may lie between. */
  firstRow: z.int().min(1),
  lastRow: z.int().min(1),
});
export type AnswersObject = z.infer<typeof AnswersObjectSchema>;

/** How the calls of a task go, as one of its workers sees them. */
export const CallFiguresSchema = z.object({
  /** Calls that wait for their turn. */
  waiting: z.int().min(0),
  /** Calls a second that may be made at present, by all tasks together. */
  ratePerSecond: z.number().min(0),
  /** The same, where the service was seen to take fewer than its limit says. */
  learnedPerSecond: z.number().min(0).optional(),
});
export type CallFigures = z.infer<typeof CallFiguresSchema>;
