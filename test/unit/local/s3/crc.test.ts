import { describe, expect, it } from 'vitest';
import { crc32c, crc64nvme } from '../../../../local/s3/crc.ts';

const check = Buffer.from('123456789');

/** Check values of the CRC catalogue (CRC-32/ISCSI, CRC-64/NVME). */
describe('checksums', () => {
  it('are those of the catalogue', () => {
    expect(crc32c(check)).toBe(0xe3069283);
    expect(crc64nvme(check)).toEqual({ high: 0xae8b1486, low: 0x0a799888 });
  });

  it('go on from what came before', () => {
    const [head, tail] = [check.subarray(0, 4), check.subarray(4)];
    expect(crc32c(tail, crc32c(head))).toBe(crc32c(check));
    expect(crc64nvme(tail, crc64nvme(head))).toEqual(crc64nvme(check));
  });
});
