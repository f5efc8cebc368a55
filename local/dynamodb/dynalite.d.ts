/**
 * The parts of dynalite 4.0.0 that the table engine uses. They are not its public API (that is a whole
 * HTTP server, which neither checks signatures nor survives an aborted request): the version is pinned,
 * and the contract suite fails if a new one moves them.
 */
declare module 'dynalite/db/index.js' {
  export type Done<T = void> = (error?: Error | null, result?: T) => void;

  export interface SubStore {
    lock: unknown;
    get(key: string, done: Done<unknown>): void;
    put(key: string, value: unknown, done: Done): void;
    del(key: string, done: Done): void;
    createValueStream(options: object): NodeJS.ReadableStream;
  }

  export type Operation =
    { type: 'put'; key: string; value: unknown } | { type: 'del'; key: string };

  export interface Store {
    db: {
      open(): Promise<void>;
      close(): Promise<void>;
      /** What value streams are read by. */
      values(options: object): { close(): Promise<void> };
      batch(operations: Operation[], done: Done): void;
    };
    tableDb: SubStore;
    getTable(name: string, checkStatus: false | Done<object>, done?: Done<object>): void;
    getItemDb(tableName: string): SubStore;
    getIndexDb(kind: string, tableName: string, indexName: string): SubStore;
  }

  const db: { create(options: { path: string }): Store };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  import type { Store } from 'dynalite/db/index.js';
  const validations: {
    checkTypes(input: unknown, types: object): object;
    checkValidations(input: object, types: object, custom: unknown, store: Store): void;
  };
  export default validations;
}

declare module 'dynalite/validations/*' {
  const validation: { types: object; custom?: unknown };
  export default validation;
}

declare module 'dynalite/actions/*' {
  import type { Done, Store } from 'dynalite/db/index.js';
  const action: (store: Store, input: object, done: Done<object>) => void;
  export default action;
}
