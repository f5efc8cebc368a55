/** Where the items of a distributed map come from: the state's data, or an object in the store. */
import { createHash } from 'node:crypto';
import { arrayAt } from '../states/branches.ts';
import { parseCsv } from './csv.ts';
import { RuntimeFailure, WorkflowFailure } from '../failures.ts';
import type { Evaluation } from '../language/intrinsics.ts';
import { isObject, parseJson } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { MAX_ITEMS } from '../limits.ts';
import { readPath } from '../language/paths.ts';
import type { DistributedMapState, ItemReader, Setting } from '../language/program.ts';
import type { Run } from '../services.ts';

export interface MapItems {
  readonly count: number;
  at(index: number): Json;
  /** $$.Map.Item.Source. */
  readonly source: string;
  /** Changes when the items do; an interrupted Map Run goes on only over the same ones. */
  readonly digest: string;
}

/** The items, before ItemSelector. States.ItemReaderFailed when an object cannot be read. */
export async function readItems(
  run: Run,
  state: DistributedMapState,
  input: Evaluation,
): Promise<MapItems> {
  if (!state.reader) {
    const items = arrayAt(state, input);
    return {
      count: items.length,
      at: (index) => items[index] ?? null,
      source: 'STATE_DATA',
      digest: 'STATE_DATA',
    };
  }
  // ItemsPath is ignored here, as Step Functions ignores it.
  const { bucket, key } = objectOf(state.reader, input);
  const most = maxItems(state.reader.maxItems, input);
  const bytes = await fetchObject(run, bucket, key);
  const items = parseItems(state.reader, bytes);
  return {
    count: Math.min(items.count, most),
    at: (index) => items.at(index),
    source: `S3://${bucket}/${key}`,
    digest: createHash('sha256').update(bytes).digest('hex'),
  };
}

const failed = (cause: string) => new WorkflowFailure('States.ItemReaderFailed', cause);

function objectOf({ parameters }: ItemReader, input: Evaluation): { bucket: string; key: string } {
  const made = parameters(input);
  const { Bucket, Key } = isObject(made) ? made : {};
  if (typeof Bucket === 'string' && typeof Key === 'string') return { bucket: Bucket, key: Key };
  throw new RuntimeFailure('The Bucket and Key of the ItemReader must be strings.');
}

/** 0 sets no limit. */
function maxItems(setting: Setting, input: Evaluation): number {
  if (!setting) return MAX_ITEMS;
  const value = 'value' in setting ? setting.value : readPath(setting.path, input);
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new RuntimeFailure(
      `The MaxItemsPath field refers to value "${JSON.stringify(value ?? null)}" which is not a valid integer`,
    );
  }
  if (value < 0) throw failed('field MaxItems must be positive');
  return value === 0 ? MAX_ITEMS : Math.min(value, MAX_ITEMS);
}

async function fetchObject({ services, caller }: Run, bucket: string, key: string) {
  if (/\.(gz|gzip|zst|zstd)$/i.test(key)) {
    throw failed(`The local workflow engine does not read compressed objects: ${key}.`);
  }
  try {
    return await services.objects.read(bucket, key, caller);
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error));
  }
}

type Listed = Pick<MapItems, 'count' | 'at'>;

function parseItems(reader: ItemReader, bytes: Uint8Array): Listed {
  switch (reader.format) {
    case 'JSON':
      return jsonItems(reader, bytes);
    case 'JSONL':
      return jsonLineItems(bytes);
    case 'CSV':
      return csvItems(reader, bytes);
  }
}

function jsonItems({ pointer }: ItemReader, bytes: Uint8Array): Listed {
  const items = followPointer(readJson(Buffer.from(bytes).toString('utf8')), pointer);
  // Step Functions makes items of an object's fields since 2025, in a form that no source settles:
  // an object is refused as it was before, and as everything is that cannot be mapped over.
  if (!Array.isArray(items)) throw failed('Attempting to map over non-iterable node.');
  return { count: items.length, at: (index) => items[index] ?? null };
}

/** JSON Pointer (RFC 6901). */
function followPointer(root: Json, pointer: string): Json {
  let value: Json | undefined = root;
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value)) value = /^(0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined;
    else value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  if (value !== undefined) return value;
  throw failed(
    'The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.',
  );
}

/** Lines are kept as bytes and read when their turn comes, so that memory stays near the object's size. */
function jsonLineItems(bytes: Uint8Array): Listed {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts: number[] = [];
  for (let start = 0; start < buffer.length;) {
    const end = lineEnd(buffer, start);
    if (buffer.toString('utf8', start, end).trim() !== '') starts.push(start);
    start = end + 1;
  }
  return {
    count: starts.length,
    at: (index) => {
      const start = starts[index] ?? 0;
      return readJson(buffer.toString('utf8', start, lineEnd(buffer, start)));
    },
  };
}

function lineEnd(buffer: Buffer, start: number): number {
  const end = buffer.indexOf(10, start);
  return end === -1 ? buffer.length : end;
}

/** Every value is a string; missing fields are empty, surplus ones are dropped. */
function csvItems({ csvHeaders, csvDelimiter }: ItemReader, bytes: Uint8Array): Listed {
  const records = [...parseCsv(Buffer.from(bytes).toString('utf8'), csvDelimiter)];
  const headers = csvHeaders ?? records.shift() ?? [];
  if (new Set(headers).size !== headers.length)
    throw failed('CSV headers cannot contain duplicates.');
  return {
    count: records.length,
    at: (index): JsonObject =>
      Object.fromEntries(headers.map((header, i) => [header, records[index]?.[i] ?? ''])),
  };
}

/** A fault of the reader tells nothing of what stands in the data. */
function readJson(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw failed('The object does not hold valid JSON.');
  }
}
