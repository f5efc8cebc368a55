import { describe, expect, it } from 'vitest';
import { ApiError, ConnectionFailed, UploadRefused } from '../../../client/errors.ts';
import { isRefused } from '../../../web/app/refused.ts';
import { FileUnreadable, readable } from '../../../web/app/readable.ts';

describe('a key', () => {
  it('is refused by the gateway alone: an upload link that has ended, or a right that lacks, says nothing of it', () => {
    expect(isRefused(new ApiError(401, 'Unauthorized'))).toBe(true);
    expect(isRefused(new ApiError(403, 'Forbidden'))).toBe(true);
    expect(isRefused(new ApiError(403, 'Not allowed', { code: 'FORBIDDEN' }))).toBe(false);
    expect(isRefused(new UploadRefused(403, 'The upload was refused with HTTP 403.'))).toBe(false);
    expect(isRefused(new ConnectionFailed('No answer came.'))).toBe(false);
  });
});

describe('a file', () => {
  /** One that its program writes anew once it was read `times` times. */
  const file = (times: number) => {
    let reads = 0;
    const blob = new Blob(['name']);
    blob.slice = () => {
      const isGone = ++reads > times;
      return {
        arrayBuffer: () =>
          isGone ? Promise.reject(new DOMException('', 'NotReadableError')) : Promise.resolve(),
      } as unknown as Blob;
    };
    return blob;
  };
  const lost = () => Promise.reject(new ConnectionFailed('The upload: no answer came.'));

  it('that cannot be read is told from a connection that is lost, before it is sent and after', async () => {
    let sent = 0;
    const send = async () => ++sent;
    await expect(readable(file(0), send)).rejects.toThrow(FileUnreadable);
    expect(sent).toBe(0);
    await expect(readable(file(1), lost)).rejects.toThrow(FileUnreadable);
    await expect(readable(file(2), lost)).rejects.toThrow(ConnectionFailed);
    expect(await readable(file(1), send)).toBe(1);
  });
});
