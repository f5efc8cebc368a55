import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createObjectWriter } from '../../../shared/archive/objectWriter.ts';
import { PART_BYTES } from '../../../shared/limits.ts';
import { createMemoryObjectStore } from '../../support/memoryObjectStore.ts';

const data = randomBytes(3 * PART_BYTES);

describe('createObjectWriter', () => {
  it('sends nothing before a part is complete, and a small object by one put', async () => {
    const objects = createMemoryObjectStore();
    const writer = createObjectWriter({ objects }, 'small');
    writer.append(data.subarray(0, 1_000));
    writer.append(data.subarray(1_000, PART_BYTES - 1));
    expect(writer.full).toBe(false);
    await writer.flush();
    expect(objects.keys()).toEqual([]);
    await writer.finish();
    expect(objects.calls).toMatchObject({ put: 1, startUpload: 0 });
    expect(data.subarray(0, PART_BYTES - 1).equals(await objects.read('small'))).toBe(true);
  });

  it('writes an object without bytes', async () => {
    const objects = createMemoryObjectStore();
    await createObjectWriter({ objects }, 'empty').finish();
    expect(await objects.head('empty')).toMatchObject({ bytes: 0 });
  });

  it.each([
    ['one byte more than a part', PART_BYTES + 1, 2],
    ['exactly one part', PART_BYTES, 1],
    ['exactly two parts', 2 * PART_BYTES, 2],
    ['two and a half', 2.5 * PART_BYTES, 3],
  ])('uploads %s in parts, whatever the pieces were', async (_, bytes, parts) => {
    for (const piece of [777_777, PART_BYTES, bytes]) {
      const objects = createMemoryObjectStore();
      const writer = createObjectWriter({ objects }, 'large');
      for (let at = 0; at < bytes; at += piece) {
        writer.append(data.subarray(at, Math.min(at + piece, bytes)));
        if (writer.full) await writer.flush();
        expect(writer.full).toBe(false);
      }
      expect(writer.bytes).toBe(bytes);
      await writer.finish();
      expect(objects.calls).toMatchObject({
        put: 0,
        startUpload: 1,
        uploadPart: parts,
        complete: 1,
      });
      expect(data.subarray(0, bytes).equals(await objects.read('large'))).toBe(true);
    }
  });

  it('takes several parts at once, and sends them at the end if nobody flushed', async () => {
    const objects = createMemoryObjectStore();
    const writer = createObjectWriter({ objects }, 'large');
    writer.append(data);
    expect(writer.full).toBe(true);
    await writer.finish();
    expect(objects.calls.uploadPart).toBe(3);
    expect(data.equals(await objects.read('large'))).toBe(true);
  });

  it('leaves nothing behind when it is given up, before or after the first part', async () => {
    const objects = createMemoryObjectStore();
    const writer = createObjectWriter({ objects }, 'given-up');
    writer.append(data.subarray(0, 1_000));
    await writer.abort();
    writer.append(data);
    await writer.flush();
    expect(objects.openUploads()).toBe(1);
    await writer.abort();
    await writer.abort();
    expect(objects.openUploads()).toBe(0);
    expect(objects.keys()).toEqual([]);
  });
});
