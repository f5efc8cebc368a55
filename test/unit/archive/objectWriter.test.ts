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
    ['one byte more than a part', PART_BYTES + 1],
    ['exactly one part', PART_BYTES],
    ['exactly two parts', 2 * PART_BYTES],
    ['two and a half', 2.5 * PART_BYTES],
  ])('uploads %s in parts, whatever the pieces were', async (_, bytes) => {
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
      expect(objects.calls).toMatchObject({ put: 0, startUpload: 1, complete: 1 });
      // A part ends with the piece that fills it, and takes at most an eighth more.
      expect(objects.calls.uploadPart).toBeLessThanOrEqual(Math.ceil(bytes / PART_BYTES));
      expect(objects.calls.uploadPart).toBeGreaterThanOrEqual(bytes / (1.125 * PART_BYTES));
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

  it('does not copy what was made in its room', async () => {
    const objects = createMemoryObjectStore();
    const writer = createObjectWriter({ objects }, 'made-in-place');
    const made = (before: number, text: string) => {
      const room = writer.room(before, Buffer.byteLength(text));
      room?.write(text);
      return room ?? expect.fail('There is no room.');
    };
    const first = made(5, 'first');
    writer.append(Buffer.from('head '));
    writer.append(first);
    const second = made(0, ' second');
    writer.append(second);
    expect(second.buffer).toBe(first.buffer);
    expect(second.byteOffset).toBe(first.byteOffset + first.length);
    // Where the next byte belongs; nothing else was moved.
    expect(writer.room(0, 1)?.byteOffset).toBe(second.byteOffset + second.length);
    await writer.finish();
    expect(Buffer.from(await objects.read('made-in-place')).toString()).toBe('head first second');
  });

  it('has no room for what would not lie in one part, and takes it all the same', async () => {
    const objects = createMemoryObjectStore();
    const writer = createObjectWriter({ objects }, 'large');
    expect(writer.room(0, 2 * PART_BYTES)).toBeUndefined();
    expect(writer.room(2 * PART_BYTES, 1)).toBeUndefined();
    writer.append(data);
    await writer.finish();
    expect(data.equals(await objects.read('large'))).toBe(true);
  });

  it('has some parts on their way while the next one is filled, and waits when they are many', async () => {
    const gates: (() => void)[] = [];
    const objects = createMemoryObjectStore({
      before: (call) =>
        call === 'uploadPart' ? new Promise<void>((resolve) => gates.push(resolve)) : undefined,
    });
    const writer = createObjectWriter({ objects }, 'large');
    const part = (index: number) => data.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    for (const index of [0, 1, 2]) {
      writer.append(part(index));
      await writer.flush();
    }
    writer.append(part(0));
    const fourth = writer.flush();
    await new Promise(setImmediate);
    expect(objects.calls.uploadPart).toBe(3);
    // The last of them first: the object's order does not depend on it.
    gates.pop()?.();
    await fourth;
    expect(objects.calls.uploadPart).toBe(4);
    const finished = writer.finish();
    while (objects.calls.complete === 0) {
      gates.shift()?.();
      await new Promise(setImmediate);
    }
    await finished;
    expect(Buffer.concat([data, part(0)]).equals(await objects.read('large'))).toBe(true);
  });

  it.each(['flush', 'finish'] as const)(
    'throws at the next %s what befell a part',
    async (next) => {
      const objects = createMemoryObjectStore({
        before: (call) => {
          if (call === 'uploadPart') throw new Error('The store is down.');
        },
      });
      const writer = createObjectWriter({ objects }, 'large');
      writer.append(data.subarray(0, PART_BYTES));
      await writer.flush();
      await new Promise(setImmediate);
      writer.append(data.subarray(0, PART_BYTES));
      await expect(writer[next]()).rejects.toThrow('The store is down.');
      await writer.abort();
      expect(objects.openUploads()).toBe(0);
      expect(objects.keys()).toEqual([]);
    },
  );

  it('leaves nothing behind when it is given up, before or after the first part', async () => {
    const objects = createMemoryObjectStore();
    const writer = createObjectWriter({ objects }, 'given-up');
    writer.append(data.subarray(0, 1_000));
    await writer.abort();
    writer.append(data);
    await writer.flush();
    await writer.abort();
    expect(objects.calls).toMatchObject({ startUpload: 1, abort: 1 });
    await writer.abort();
    expect(objects.openUploads()).toBe(0);
    expect(objects.keys()).toEqual([]);
  });
});
