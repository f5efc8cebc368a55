/** Where the items of a distributed map come from: the state's data, or an object in the store. */
import { createHash } from 'node:crypto';
import { arrayAt } from '../states/inlineMap.ts';
import { RuntimeFailure, WorkflowFailure } from '../failures.ts';
import { isObject, parseJson } from '../json.ts';
import type { Json } from '../json.ts';
import type { Data } from '../language/paths.ts';
import type { Evaluate } from '../language/intrinsics.ts';
import type { DistributedMapState } from '../language/program.ts';
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
  input: Data,
): Promise<MapItems> {
  if (!state.reader) return listed(arrayAt(state, input), 'STATE_DATA', 'STATE_DATA');
  // ItemsPath is ignored here, as Step Functions ignores it.
  const { bucket, key } = objectOf(state.reader, input);
  const bytes = await fetchObject(run, bucket, key);
  const items = readJson(Buffer.from(bytes).toString('utf8'));
  // Step Functions makes items of an object's fields since 2025, in a form that no source settles:
  // an object is refused as it was before, and as everything is that cannot be mapped over.
  if (!Array.isArray(items)) throw failed('Attempting to map over non-iterable node.');
  const digest = createHash('sha256').update(bytes).digest('hex');
  return listed(items, `S3://${bucket}/${key}`, digest);
}

const listed = (items: Json[], source: string, digest: string): MapItems => ({
  count: items.length,
  at: (index) => items[index] ?? null,
  source,
  digest,
});

const failed = (cause: string) => new WorkflowFailure('States.ItemReaderFailed', cause);

function objectOf(parameters: Evaluate, input: Data): { bucket: string; key: string } {
  const made = parameters(input);
  const { Bucket, Key } = isObject(made) ? made : {};
  if (typeof Bucket === 'string' && typeof Key === 'string') return { bucket: Bucket, key: Key };
  throw new RuntimeFailure('The Bucket and Key of the ItemReader must be strings.');
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

/** A fault of the reader tells nothing of what stands in the data. */
function readJson(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw failed('The object does not hold valid JSON.');
  }
}
