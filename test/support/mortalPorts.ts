/** The same world as seen by a process that is killed at one of its calls. */
import type {
  ConnectionSecrets,
  MultipartUpload,
  ObjectStore,
  Ports,
  Table,
  Workflow,
} from '../../shared/ports.ts';

export class Killed extends Error {}

/**
 * Ports of which every call counts: the `at`-th (from 1) is the last that its process makes, killed before
 * the call has an effect or behind it. Whatever it tries afterwards does nothing.
 */
export function mortalPorts<P extends Ports>(ports: P, at: number, when: 'before' | 'behind') {
  let calls = 0;
  let isDead = false;
  async function live<T>(effect: () => Promise<T>): Promise<T> {
    if (isDead) throw new Killed();
    if (++calls !== at) return effect();
    isDead = true;
    if (when === 'behind') await effect();
    throw new Killed();
  }
  const { table, objects, workflow, connectionSecrets } = ports;
  const mortalTable: Table = {
    get: (key) => live(() => table.get(key)),
    put: (...call) => live(() => table.put(...call)),
    update: (...call) => live(() => table.update(...call)),
    delete: (...call) => live(() => table.delete(...call)),
    query: (query) => live(() => table.query(query)),
  };
  const mortalUpload = (upload: MultipartUpload): MultipartUpload => ({
    uploadPart: (...call) => live(() => upload.uploadPart(...call)),
    copyPart: (...call) => live(() => upload.copyPart(...call)),
    complete: (options) => live(() => upload.complete(options)),
    abort: () => live(() => upload.abort()),
  });
  const mortalObjects: ObjectStore = {
    ...objects,
    put: (...call) => live(() => objects.put(...call)),
    head: (key) => live(() => objects.head(key)),
    read: (...call) => live(() => objects.read(...call)),
    startUpload: async (...call) => mortalUpload(await live(() => objects.startUpload(...call))),
    presignPut: (...call) => live(() => objects.presignPut(...call)),
    presignGet: (...call) => live(() => objects.presignGet(...call)),
  };
  const mortalWorkflow: Workflow = {
    ...workflow,
    start: (...call) => live(() => workflow.start(...call)),
    stop: (...call) => live(() => workflow.stop(...call)),
    limitMaps: (...call) => live(() => workflow.limitMaps(...call)),
    answerTask: (...call) => live(() => workflow.answerTask(...call)),
  };
  const mortalSecrets: ConnectionSecrets = {
    keep: (...call) => live(() => connectionSecrets.keep(...call)),
    read: (name) => live(() => connectionSecrets.read(name)),
    forget: (name) => live(() => connectionSecrets.forget(name)),
  };
  return {
    ports: {
      ...ports,
      table: mortalTable,
      objects: mortalObjects,
      workflow: mortalWorkflow,
      connectionSecrets: mortalSecrets,
    },
    isDead: () => isDead,
  };
}
