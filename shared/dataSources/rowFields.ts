/** The fields inside of rows, as header paths would name them: what loops and groups of a row hold. */
import { MAX_NESTED_NAMES_BYTES } from '../limits.ts';
import type { Row } from '../schemas/common.ts';
import { FIRST_ENTRY } from '../columns/columnPath.ts';

/** Collects the fields of objects and lists in rows, each once: `address.city`, `items[1].name`. */
export interface RowFields {
  add(row: Row): void;
  /** Paths of those that hold no further ones; undefined when there are more than can be kept. */
  readonly paths: string[] | undefined;
}

/** Fields below one place of a row; entries of lists share theirs. */
type Fields = Map<string, FieldNode>;
interface FieldNode {
  readonly path: string;
  /** Made when something is found in it. */
  fields?: Fields;
}

/** A set of no fields yet. */
export function createRowFields(): RowFields {
  const top: Fields = new Map();
  let bytes = 0;
  let isFull = false;

  /** @param lists how many lists lead from the node to the value; a path is made for new fields only */
  function enter(value: object, node: FieldNode, lists: number): void {
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) {
        if (typeof item === 'object' && item !== null) enter(item, node, lists + 1);
      }
      return;
    }
    node.fields ??= new Map();
    for (const name in value) {
      let field = node.fields.get(name);
      if (field === undefined) {
        field = { path: `${node.path}${FIRST_ENTRY.repeat(lists)}.${name}` };
        bytes += Buffer.byteLength(field.path);
        if (bytes > MAX_NESTED_NAMES_BYTES) {
          isFull = true;
          return;
        }
        node.fields.set(name, field);
      }
      const inner: unknown = value[name as keyof typeof value];
      if (typeof inner === 'object' && inner !== null) enter(inner, field, 0);
      if (isFull) return;
    }
  }

  return {
    add(row) {
      if (isFull) return;
      for (const name in row) {
        const value = row[name];
        if (typeof value !== 'object' || value === null) continue;
        let node = top.get(name);
        if (node === undefined) top.set(name, (node = { path: name }));
        enter(value, node, 0);
      }
    },
    get paths() {
      return isFull ? undefined : [...top.values()].flatMap(leavesOf);
    },
  };
}

const leavesOf = (node: FieldNode): string[] =>
  [...(node.fields?.values() ?? [])].flatMap((field) =>
    (field.fields?.size ?? 0) === 0 ? [field.path] : leavesOf(field),
  );
