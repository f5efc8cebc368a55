/**
 * What a document is made from, as a fingerprint: two documents with the same one have the same bytes,
 * whatever their rows' numbers and their own names are. Everything that may change a byte goes in; what
 * nobody is sure of has none.
 */
import { hash } from 'node:crypto';
import { versions } from 'node:process';
import { FINGERPRINT_BYTES } from '../archive/origins.ts';
import type { Spellings } from '../columns/spellings.ts';
import { ENGINE_BUILD } from '../rendering/engineBuild.ts';
import type { CompiledTemplate } from '../rendering/renderer.ts';
import type { Row, TaskOptions } from '../schemas/common.ts';
import { Shown } from '../tags/shown.ts';
import { columnsRead } from './columnsRead.ts';

/** To be raised when the same text would stand for something else. */
const VERSION = 2;

/** What fills rows into a template, and how. */
export interface FilledBy {
  /** SHA-256 of the template's file, in hex. */
  readonly sha256: string;
  readonly compiled: Pick<CompiledTemplate, 'engine' | 'tags'>;
  readonly spellings: Spellings | undefined;
  readonly options: Pick<TaskOptions, 'missingValue' | 'emptyParagraphs'>;
  /** Whether the rows have what is behind shown values. */
  readonly readsTyped: boolean;
}

/** The fingerprint of a row's document, in hex; undefined for a row that cannot be told by one. */
export type Fingerprint = (values: Row) => string | undefined;

/**
 * @param build of the engines. Documents of two builds are never taken for the same; nor are those of two
 *   versions of Node.js, which brings the tables of languages and the compression along
 */
export function createFingerprint(
  { sha256, compiled, spellings, options, readsTyped }: FilledBy,
  build = ENGINE_BUILD ?? 'sources',
): Fingerprint {
  const { keys, spelt } = columnsRead(compiled.tags, spellings);
  const { missingValue, emptyParagraphs } = options;
  const how = [VERSION, build, versions.node, sha256, compiled.engine.tier];
  const context = hash(
    'sha256',
    JSON.stringify([...how, missingValue, emptyParagraphs, readsTyped, keys ?? null, spelt]),
    'hex',
  );
  return (values) => {
    let text = context;
    if (keys === undefined) text += textOf(values);
    else {
      for (const key of keys) text += Object.hasOwn(values, key) ? textOf(values[key]) : ABSENT;
    }
    // Half of a character is hashed as the sign that stands for it.
    return text.isWellFormed()
      ? hash('sha256', text, 'hex').slice(0, 2 * FINGERPRINT_BYTES)
      : undefined;
  };
}

const ABSENT = '-';

/** A value as a text that no other value has. It runs for every cell that is read. */
function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      // Of JSON, too: formats write the sign of a zero.
      return Object.is(value, -0) ? 'n-0;' : `n${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return ABSENT;
    case 'object':
      break;
    default:
      throw new TypeError('A row holds what JSON can hold.');
  }
  if (value === null) return 'z';
  // The platform writes JSON several times as fast.
  if (isTold(value)) {
    const json = JSON.stringify(value);
    return `j${json.length}:${json}`;
  }
  if (value instanceof Shown) return `b${textOf(value.text)}${textOf(value.typed)}`;
  if (Array.isArray(value)) return value.reduce(withItem, `l${value.length}:`);
  let text = 'o';
  let fields = 0;
  for (const [name, inner] of Object.entries(value)) {
    text += textOf(name) + textOf(inner);
    fields++;
  }
  return `${text}${fields};`;
}

/** Whether JSON tells a value from every other one. */
function isTold(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isTold);
  return !(value instanceof Shown) && Object.values(value).every(isTold);
}

const withItem = (text: string, item: unknown): string => text + textOf(item);
