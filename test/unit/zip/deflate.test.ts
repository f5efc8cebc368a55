import { randomBytes } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { deflate } from '../../../shared/zip/deflate.ts';

const MiB = 1024 * 1024;

describe('deflate', () => {
  it.each([0, 1, 4 * MiB - 1, 4 * MiB, 4 * MiB + 1, 9 * MiB])('is undone: %d bytes', (bytes) => {
    const content = Buffer.alloc(bytes, 'Dear Ana, welcome. ');
    randomBytes(Math.min(bytes, 1_000)).copy(content, Math.floor(bytes / 2));
    const compressed = deflate(content);
    expect(inflateRawSync(compressed).equals(content)).toBe(true);
    expect(deflate(content).equals(compressed)).toBe(true);
  });

  it('loses next to nothing where it begins a stretch', () => {
    const line = randomBytes(20_000);
    const content = Buffer.concat(Array.from({ length: 600 }, () => line));
    expect(deflate(content).length).toBeLessThan(content.length / 50);
  });
});
