/** What a row step asks a service: its request, filled with a row. */
import { hash } from 'node:crypto';
import { HEADER_VALUE, OWN_HEADERS, SECRET_NAME } from '../headers.ts';
import { pointerStep } from '../jsonPointer.ts';
import { MAX_STEP_REQUEST_CHARACTERS } from '../limits.ts';
import type { ProblemDetail } from '../problems.ts';
import type { RowFailure } from '../schemas/common.ts';
import type { RowStep } from '../schemas/rowSteps.ts';
import type { WebRequest } from '../ports.ts';
import {
  fillText,
  NotFilled,
  parseText,
  takeRoom,
  tooLarge,
  valueOfTag,
  type FilledWith,
  type TextPiece,
} from './filledText.ts';

/** A request without what is secret, and without what bounds it. */
export type FilledRequest = Pick<WebRequest, 'method' | 'url' | 'headers' | 'body'> & {
  /** Tells this request from every other one, whatever its row is: SHA-256 in hex, cut to 128 bits. */
  readonly fingerprint: string;
};

export type Filled =
  | { readonly ok: true; readonly request: FilledRequest }
  | { readonly ok: false; readonly failure: RowFailure };

/** Scheme, host and the slash behind them. */
const ORIGIN = /^(https?:\/\/[^/?#{}]+)\//i;
/** Steps up, however they are written (WHATWG URL, "double-dot path segment"). */
const DOTS = /^(?:\.|%2e){1,2}$/i;

const FINGERPRINT_DIGITS = 32;
/** Where workflows of Dify are run, behind the base of its API. */
const DIFY_RUN = '/workflows/run';

/** A part of a body that is filled. */
type Body =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'value'; readonly pieces: readonly TextPiece[] }
  | { readonly kind: 'list'; readonly items: readonly Body[] }
  | { readonly kind: 'fields'; readonly fields: readonly (readonly [string, Body])[] };

function parseBody(body: unknown, pointer: string, faults: ProblemDetail[]): Body {
  if (typeof body === 'string') return { kind: 'value', pieces: parseText(body, pointer, faults) };
  if (Array.isArray(body)) {
    return {
      kind: 'list',
      items: body.map((item, i) => parseBody(item, `${pointer}/${i}`, faults)),
    };
  }
  if (typeof body !== 'object' || body === null) return { kind: 'literal', value: body };
  const fields = Object.entries(body).map(([name, value]) => {
    return [name, parseBody(value, `${pointer}/${pointerStep(name)}`, faults)] as const;
  });
  return { kind: 'fields', fields };
}

/** @throws NotFilled */
function fillBody(body: Body, filled: FilledWith): unknown {
  switch (body.kind) {
    case 'literal':
      return body.value;
    case 'list':
      return body.items.map((item) => fillBody(item, filled));
    case 'fields':
      return Object.fromEntries(
        body.fields.map(([name, value]) => [name, fillBody(value, filled)]),
      );
    case 'value': {
      const [only, ...others] = body.pieces;
      if (only === undefined || typeof only === 'string' || others.length > 0) {
        return fillText(body.pieces, filled);
      }
      const value = valueOfTag(only, filled) ?? null;
      if (typeof value === 'object') takeRoom(filled, JSON.stringify(value).length);
      return value;
    }
  }
}

/** The URL's pattern, whose scheme and host nothing in a row changes. */
function parseUrl(
  step: RowStep,
  baseUrl: string | undefined,
  pointer: string,
  faults: ProblemDetail[],
): UrlPattern {
  const given = step.request.url ?? (step.kind === 'dify' ? DIFY_RUN : undefined);
  const fault = (detail: string) => {
    faults.push({ pointer, detail });
    return { pieces: [], emptySegments: 0 };
  };
  if (given === undefined) return fault('The step has no URL. Write where the request is sent to.');
  const isWhole = /^https?:/i.test(given);
  if (!isWhole && baseUrl === undefined) {
    return fault(
      'The URL is relative, and the step has no connection. Write it out, from https:// on.',
    );
  }
  const url = isWhole
    ? given
    : `${(baseUrl ?? '').replace(/\/+$/, '')}/${given.replace(/^\/+/, '')}`;
  const origin = ORIGIN.exec(url)?.[1];
  if (origin === undefined || !URL.canParse(origin)) {
    return fault(
      'A row may not change the host. Write scheme, host and the slash behind it without tags.',
    );
  }
  if (baseUrl !== undefined && new URL(origin).origin !== new URL(baseUrl).origin) {
    return fault(
      'The URL leads to another host than its connection, whose secrets are not sent there.',
    );
  }
  if (pathOf(url).some((segment) => DOTS.test(segment))) {
    return fault('The path has a step that leads up. Write it without . and .. between slashes.');
  }
  const pieces = parseText(url, pointer, faults);
  const pattern = pieces.map((piece) => (typeof piece === 'string' ? piece : 'x')).join('');
  return { pieces, emptySegments: emptyIn(pathOf(pattern)) };
}

interface UrlPattern {
  readonly pieces: readonly TextPiece[];
  /** Of its path: those that nothing stands in, whatever the row. */
  readonly emptySegments: number;
}

/** The path of a URL, or of a pattern of one, without scheme and host. */
const pathOf = (url: string): string[] => (url.split(/[?#]/)[0] ?? '').split('/').slice(3);

const emptyIn = (path: readonly string[]) => path.filter((segment) => segment === '').length;

/** @throws NotFilled when a value would lead elsewhere: a server may decode a path before it goes along it */
function fillUrl({ pieces, emptySegments }: UrlPattern, filled: FilledWith): string {
  const url = fillText(pieces, filled, encodeURIComponent);
  const path = pathOf(url);
  const leadsUp = path.some((segment) =>
    segment.split(/\/|%2f|%5c|\\/i).some((step) => DOTS.test(step)),
  );
  if (leadsUp || emptyIn(path) > emptySegments) {
    const what = leadsUp ? 'have . or .. between slashes' : 'be empty';
    throw new NotFilled({
      code: 'STEP_FAILED',
      detail: `With the values of this row the URL leads elsewhere. Correct what is filled into its path: it may not ${what}.`,
    });
  }
  return url;
}

/**
 * Makes a step's request ready to be filled.
 * @param pointer where the step stands in the body of the request, as `/steps/0`
 * @param faults gets everything that is wrong with it
 */
export function compileRequest(
  step: RowStep,
  baseUrl: string | undefined,
  pointer: string,
  faults: ProblemDetail[],
): (row: Omit<FilledWith, 'room'>) => Filled {
  const at = `${pointer}/request`;
  const { method, body: given } = step.request;
  const url = parseUrl(step, baseUrl, `${at}/url`, faults);
  const headers = Object.entries(step.request.headers).map(([name, value]) => {
    const lower = name.toLowerCase();
    const place = `${at}/headers/${pointerStep(name)}`;
    if (OWN_HEADERS.has(lower)) {
      faults.push({
        pointer: place,
        detail: `The header ${name} is set for each call. Leave it out.`,
      });
    }
    if (SECRET_NAME.test(name)) {
      faults.push({
        pointer: place,
        detail: `The header ${name} holds a secret by its name, and steps are kept as they are. Give it to a connection, as one of its secretHeaders.`,
      });
    }
    return [lower, parseText(value, place, faults)] as const;
  });
  if (given !== undefined && (method === 'GET' || method === 'DELETE')) {
    faults.push({
      pointer: `${at}/body`,
      detail: `A request by ${method} has no body. Use POST, or leave the body out.`,
    });
  }
  const body = given === undefined ? undefined : parseBody(given, `${at}/body`, faults);
  const isText = typeof given === 'string';
  const type = isText ? 'text/plain; charset=utf-8' : 'application/json';

  return (row) => {
    const filled: FilledWith = { ...row, room: { left: MAX_STEP_REQUEST_CHARACTERS } };
    try {
      const filledHeaders: Record<string, string> =
        body === undefined ? {} : { 'content-type': type };
      for (const [name, value] of headers) filledHeaders[name] = fillHeader(name, value, filled);
      const content =
        isText && body?.kind === 'value'
          ? fillText(body.pieces, filled)
          : body && JSON.stringify(fillBody(body, filled));
      if (content !== undefined && content.length > MAX_STEP_REQUEST_CHARACTERS) throw tooLarge();
      const request = {
        method,
        url: fillUrl(url, filled),
        headers: filledHeaders,
        ...(content !== undefined && { body: content }),
      };
      const fingerprint = hash('sha256', JSON.stringify(request), 'hex').slice(
        0,
        FINGERPRINT_DIGITS,
      );
      return { ok: true, request: { ...request, fingerprint } };
    } catch (error) {
      if (error instanceof NotFilled) return { ok: false, failure: error.failure };
      throw error;
    }
  };
}

function fillHeader(name: string, pieces: readonly TextPiece[], filled: FilledWith): string {
  const value = fillText(pieces, filled);
  if (HEADER_VALUE.test(value)) return value;
  throw new NotFilled({
    code: 'STEP_FAILED',
    detail: `What this row puts into the header ${name} cannot be part of one: it has line breaks, or letters that are not Latin. Send it in the body.`,
  });
}

/**
 * The Idempotency-Key of a call (draft-ietf-httpapi-idempotency-key-header): the same however often it is tried, by
 * whichever worker, and another as soon as anything else is asked.
 */
export const idempotencyKey = (
  taskId: string,
  row: number,
  step: string,
  { fingerprint }: Pick<FilledRequest, 'fingerprint'>,
): string => hash('sha256', JSON.stringify([taskId, row, step, fingerprint]), 'base64url');
