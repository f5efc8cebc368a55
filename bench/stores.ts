/** Object stores for benchmarks: without input and output, what is measured is ours alone. */
import type { MultipartUpload, ObjectStore } from '../shared/ports.ts';

const refuse = () => Promise.reject(new Error('No benchmark needs this of its store.'));

/** What a store must do for a benchmark; anything else is refused. */
export const storeOf = (
  calls: Partial<ObjectStore> & Pick<ObjectStore, 'put' | 'startUpload'>,
): ObjectStore => ({
  head: refuse,
  read: refuse,
  stream: () => {
    throw new Error('No benchmark needs this of its store.');
  },
  list: refuse,
  delete: refuse,
  presignPut: refuse,
  presignGet: refuse,
  ...calls,
});

/** An upload whose parts go to `take`, in the order in which they come. */
export const uploadTo = (take: (body: Uint8Array) => void): MultipartUpload => ({
  uploadPart: async (_number, body) => take(body),
  copyPart: async () => undefined,
  complete: async () => true,
  abort: async () => undefined,
});

/** A store that takes everything and keeps nothing. */
export const nowhere = (): ObjectStore =>
  storeOf({
    put: async () => true,
    startUpload: async () => uploadTo(() => undefined),
  });
