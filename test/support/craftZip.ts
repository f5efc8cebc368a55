/** ZIP files to the byte, honest or not: what readers of uploads are tested with. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface CraftedEntry {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Default 0, stored: the same bytes with every zlib. 8 deflates; others are put in as they are. */
  readonly method?: number;
  readonly flags?: number;
  /** What the headers say instead of the truth. */
  readonly declared?: {
    readonly size?: number;
    readonly crc32?: number;
    readonly localName?: string;
  };
  /** Points to the bytes of the entry with this number instead of having its own. */
  readonly sharing?: number;
}

/** @param declaredCount how many entries the end record claims */
export function craftZip(entries: readonly CraftedEntry[], declaredCount = entries.length): Buffer {
  const blocks: Buffer[] = [];
  const records: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const { name, content, method = 0, flags = 0x0800, declared = {}, sharing } of entries) {
    const bytes = Buffer.from(content);
    const data = method === 8 ? deflateRawSync(bytes) : bytes;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(declared.crc32 ?? crc32(bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(declared.size ?? bytes.length, 18);
    const offset = sharing === undefined ? at : (offsets[sharing] ?? 0);
    offsets.push(offset);
    if (sharing === undefined) {
      const block = Buffer.concat([
        Buffer.from('PK\x03\x04'),
        withLength(common, declared.localName ?? name),
        Buffer.from(declared.localName ?? name),
        data,
      ]);
      blocks.push(block);
      at += block.length;
    }
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    records.push(
      Buffer.from('PK\x01\x02'),
      Buffer.from([20, 0]),
      withLength(common, name),
      rest,
      Buffer.from(name),
    );
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(declaredCount, 8);
  end.writeUInt16LE(declaredCount, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...blocks, directory, end]);
}

function withLength(common: Buffer, name: string): Buffer {
  const copy = Buffer.from(common);
  copy.writeUInt16LE(Buffer.byteLength(name), 22);
  return copy;
}
