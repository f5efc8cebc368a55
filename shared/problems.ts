/**
 * The one registry of what can go wrong. Error classes, response bodies, OpenAPI responses and the
 * docs page all come from it.
 */

import { clip } from './clip.ts';
import { MAX_DETAIL_CHARACTERS, MAX_POINTER_CHARACTERS } from './limits.ts';

interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean;
}

/** Problem codes of the HTTPS API (RFC 9457), with their HTTP status. */
export const PROBLEMS = {
  VALIDATION_ERROR: { status: 400, title: 'The request is not valid', retryable: false },
  UNAUTHORIZED: { status: 401, title: 'No valid API key or ticket', retryable: false },
  FORBIDDEN: { status: 403, title: 'Not allowed', retryable: false },
  NOT_FOUND: { status: 404, title: 'There is nothing here', retryable: false },
  TASK_NOT_FOUND: { status: 404, title: 'There is no such task', retryable: false },
  TEMPLATE_NOT_FOUND: { status: 404, title: 'There is no such template', retryable: false },
  DATA_SOURCE_NOT_FOUND: { status: 404, title: 'There is no such data source', retryable: false },
  INVALID_STATE: { status: 409, title: 'Not possible in the present state', retryable: true },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    title: 'A request with this idempotency key is under way',
    retryable: true,
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    title: 'The idempotency key was used with another request',
    retryable: false,
  },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'Too large', retryable: false },
  TEMPLATE_INVALID: { status: 422, title: 'The template cannot be used', retryable: false },
  DATA_INVALID: { status: 422, title: 'The data cannot be used', retryable: false },
  LIMIT_EXCEEDED: { status: 429, title: 'A limit is reached', retryable: true },
  GENERATION_FAILED: { status: 500, title: 'The documents could not be made', retryable: true },
  // Raised for files that are gone: they do not come back.
  DOWNLOAD_FAILED: { status: 500, title: 'The download could not be prepared', retryable: false },
  UNAVAILABLE: { status: 503, title: 'There is no room at the moment', retryable: true },
  INTERNAL: { status: 500, title: 'Something went wrong on our side', retryable: true },
} as const satisfies Record<string, ProblemDefinition>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Why a single document was not made. Values of a failure's `code`. */
export const FAILURES = {
  RENDER_FAILED: 'The template could not be filled with this row',
  MISSING_VALUE: 'The row has no value for a tag',
  TIMEOUT: 'The document took longer than documentTimeoutSeconds',
  NAME_INVALID: 'The row gives no usable file name',
  TOO_LARGE: 'The document is larger than the limit',
  SHARD_FAILED: 'The shard of this row failed for good',
  STEP_FAILED: 'A row step could not be done for this row',
} as const;

export type FailureCode = keyof typeof FAILURES;

/** What can be wrong with a template. Values of `errors[].code` of TEMPLATE_INVALID. */
export const TEMPLATE_FAULTS = {
  FILE_EMPTY: 'The file is empty',
  FILE_NOT_WORD: 'The file is no Word document',
  FILE_KIND: 'The file is of a kind that cannot be a template',
  FILE_ENCRYPTED: 'The file or a part of it is encrypted, or the file is from before Word 2007',
  FILE_DAMAGED: 'The file is damaged',
  FILE_UNSAFE: 'The file has what no honest Word document has',
  FILE_TOO_LARGE: 'The file holds more than a template may',
  PART_UNREADABLE: 'A part of the file cannot be read',
  TAG_UNCLOSED: 'A tag has no }',
  TAG_UNOPENED: 'A } has no {',
  TAG_BRACES: 'A tag has other braces than single ones',
  TAG_EMPTY: 'A tag has no name',
  TAG_SPACED: 'A tag has a space before its sign',
  TAG_UNREADABLE: 'A tag cannot be read',
  TAG_MISPLACED: 'A tag stands where it cannot be filled',
  FORMAT_UNKNOWN: 'A tag has a format that does not exist',
  FORMAT_ARGUMENT: 'A format of a tag cannot be read',
  TAG_TOO_LONG: 'A tag is longer than a name of a column can be',
  TAGS_TOO_MANY: 'The tags are more than can be stored',
  ITEM_OUTSIDE_SECTION: 'The tag {.} is in no section of a list',
  SECTION_UNCLOSED: 'A section has no end',
  SECTION_UNOPENED: 'The end of a section has no beginning',
  SECTION_CROSSED: 'Sections cross each other',
  SECTION_MISPLACED: 'A section begins and ends at different levels',
  SECTION_TOO_DEEP: 'Too many sections are in each other',
  TEMPLATE_TOO_SLOW: 'The template cannot be checked in time',
  TEMPLATE_NOT_FILLED: 'The template cannot be filled',
  DOCUMENT_BROKEN: 'Word would not open what is made from the template',
  MORE_FAULTS: 'There are more faults than are listed',
} as const;

export type TemplateFaultCode = keyof typeof TEMPLATE_FAULTS;

/** What can be wrong with data. Values of `problems[].code`, and of `errors[].code` of DATA_INVALID. */
export const DATA_PROBLEMS = {
  FILE_EMPTY: 'The file is empty',
  FILE_NOT_TEXT: 'The file is no text',
  FILE_NOT_WORKBOOK: 'The file is no Excel workbook (.xlsx)',
  FILE_ENCRYPTED: 'The file has a password',
  FILE_DAMAGED: 'The file is damaged',
  FILE_UNSAFE: 'The file has what no honest workbook has',
  FORMAT_WRONG: 'The file is of another format than its name says',
  FILE_TOO_LARGE: 'The file becomes too large when it is read',
  GZIP_BROKEN: 'The file is no whole gzip file',
  FILE_CHANGED: 'The file was uploaded anew while it was to be read',
  FILE_UNREAD: 'The file could not be read because something went wrong on our side',
  ENCODING_UNKNOWN: 'The encoding is not known',
  ENCODING_WRONG: 'Bytes are none of the encoding',
  HEADER_MISSING: 'The line of column names is not there',
  COLUMN_UNNAMED: 'A column has no name',
  COLUMN_DUPLICATE: 'Two columns have one name',
  COLUMN_NAME_INVALID: 'A column has a name that it cannot have',
  COLUMNS_TOO_MANY: 'There are more columns, or longer names, than can be stored',
  CELL_COUNT: 'A row has more or fewer cells than the header',
  SHEET_MISSING: 'The workbook has no such sheet',
  LIST_MISPLACED: 'A sheet holds a list that has no place in the rows',
  KEY_MISSING: 'An entry of a list does not say which row it belongs to',
  KEY_UNKNOWN: 'An entry of a list belongs to a row that is not there',
  KEY_DUPLICATE: 'Two rows with entries have one key',
  CELL_ERROR: 'A cell shows an error',
  CELL_UNREADABLE: 'A cell has a value that cannot be read',
  CELL_MISPLACED: 'A cell or row is out of order',
  FORMULA_UNCALCULATED: 'A formula has no value',
  QUOTE_BROKEN: 'Text follows a closing quote',
  QUOTE_UNCLOSED: 'A quote is never closed',
  JSON_INVALID: 'What should be JSON is none',
  ROW_NOT_OBJECT: 'A row is no object',
  ROW_TOO_DEEP: 'A row has too many levels',
  ROW_TOO_LARGE: 'A row is too large',
  NAME_RESERVED: 'A field has a reserved name',
  NUMBER_CHANGED: 'A number would come out as another one',
  ROWS_MISSING: 'There is no row',
  ROWS_TOO_MANY: 'There are more rows than one table may have',
} as const;

export type DataProblemCode = keyof typeof DATA_PROBLEMS;

/** What a check of rows tells. Values of `findings[].code`. */
export const FINDINGS = {
  TAG_UNFILLED: 'No column fills a tag',
  TAG_MATCHED: 'A tag is filled from a column that is spelt otherwise',
  COLUMN_UNUSED: 'No tag reads a column',
  COLUMNS_ALIKE: 'Two columns look the same',
  VALUE_MISSING: 'A tag has no value, and its documents fail',
  VALUE_EMPTY: 'A tag has nothing to show',
  VALUE_UNREADABLE: 'The format of a tag cannot read a value',
  VALUE_GROUP: 'A tag reads a group of values, which cannot be printed',
  CONDITION_MET_BY_NO: 'A condition is met by a text that says no',
  CELL_FAULTY: 'A cell of the workbook could not be read',
  CHARACTERS_ILLEGAL: 'A value has characters that no document can hold',
  CHARACTERS_GARBLED: 'A value has characters that came out wrong',
  CHARACTERS_BIDI: 'A value has invisible signs that turn the direction of writing',
  BLANKS_AROUND: 'A value begins or ends with blanks',
  VALUE_LONG: 'A value is much longer than the others',
  VALUE_CUT: 'A value is as long as a cell of Excel can be',
  VALUE_HIDDEN: 'A value is only number signs',
  NUMBER_SHORTENED: 'A long number was shortened',
  DIGITS_LOST: 'A long number ends with zeros that Excel makes',
  ZEROS_LOST: 'Zeros in front of a number seem to be lost',
  DATE_AS_NUMBER: 'A date seems to have become a number',
  KINDS_MIXED: 'A column holds values of another kind than its others',
  ROW_DUPLICATE: 'A row is the same as an earlier one',
  ROW_BLANK: 'A row is blank, and skipped',
  ROW_LEFT_OUT: 'A row is left out by rows, filter or groupBy',
  GROUP_TOO_LARGE: 'The rows of a group are too large together',
  FILTER_UNDECIDED: 'The filter cannot be decided for a row',
  NAME_INVALID: 'A row gives no usable file name',
  NAME_CHANGED: 'A file name has characters that are replaced',
  NAME_CUT: 'A file name is too long, and is shortened',
  NAMES_ALIKE: 'File names would be the same but for the number of the row',
  CHECK_PARTIAL: 'Not all rows were checked',
} as const;

export type FindingCode = keyof typeof FINDINGS;

/** One fault of a request, template or file; `pointer` is a JSON Pointer (RFC 6901) or a place. */
export interface ProblemDetail {
  /** Of a fault of a template or a problem of data. */
  readonly code?: TemplateFaultCode | DataProblemCode;
  readonly pointer: string;
  readonly detail: string;
}

/**
 * A broken request or a broken world: thrown, answered as application/problem+json.
 * `detail` says what is wrong, where, and what to do; it never holds a row value.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly ProblemDetail[];
  readonly retryAfterSeconds: number | undefined;

  /** @param options `retryAfterSeconds`: when the same request may succeed, where that is known */
  constructor(
    code: ProblemCode,
    detail: string,
    options: {
      errors?: readonly ProblemDetail[];
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    // Messages name columns, tags and fields, which are of any length.
    super(
      clip(detail, MAX_DETAIL_CHARACTERS),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = code;
    this.code = code;
    this.errors = (options.errors ?? []).map((error) => ({
      ...(error.code !== undefined && { code: error.code }),
      pointer: clip(error.pointer, MAX_POINTER_CHARACTERS),
      detail: clip(error.detail, MAX_DETAIL_CHARACTERS),
    }));
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** An error whose `name` the workflow's Retry and Catch match (names.ts, WORKFLOW_ERRORS). */
export class WorkflowError extends Error {
  constructor(name: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
  }
}

/** The body of an application/problem+json answer (RFC 9457). */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: ProblemCode;
  retryable: boolean;
  errors?: readonly ProblemDetail[];
}

/**
 * The answer for a problem.
 * @param instance the request path, or another identifier of this occurrence
 */
export function problemBody(problem: Problem, instance: string): ProblemBody {
  const { status, title, retryable } = PROBLEMS[problem.code];
  return {
    type: `urn:sheaf:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    instance: clip(instance, MAX_POINTER_CHARACTERS),
    code: problem.code,
    retryable,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
  };
}
