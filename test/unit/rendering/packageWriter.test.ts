import { describe, expect, it } from 'vitest';
import { deflated } from '../../../shared/zip/deflatedEntry.ts';
import { createPackageWriter } from '../../../shared/rendering/packageWriter.ts';
import { readZip } from '../../../shared/zip/reader.ts';
import { readParts } from '../../support/readParts.ts';
import { craftZip } from '../../support/craftZip.ts';

const text = (value: string) => Buffer.from(value);

describe('createPackageWriter', () => {
  it('puts the fixed parts first and keeps their bytes', async () => {
    const stored = readZip(craftZip([{ name: 'a.bin', content: Buffer.from([1, 2, 3]) }]));
    const writer = createPackageWriter([...stored, deflated('b.xml', text('<b/>'))]);
    const zip = writer.write([
      ['word/ü.xml', text('<ü/>')],
      ['empty.xml', text('')],
    ]);
    const parts = await readParts(zip);
    expect([...parts].map(([name, content]) => [name, content.toString('latin1')])).toEqual([
      ['a.bin', '\x01\x02\x03'],
      ['b.xml', '<b/>'],
      ['word/ü.xml', text('<ü/>').toString('latin1')],
      ['empty.xml', ''],
    ]);
    expect(readZip(zip).map(({ method }) => method)).toEqual([0, 8, 8, 8]);
  });

  it('writes the same bytes each time, and nothing left of the time before', async () => {
    const writer = createPackageWriter([deflated('a', text('A'))]);
    const first = Buffer.from(writer.write([['b', text('long text long text')]]));
    await readParts(writer.write([['b', text('x')]]));
    expect(first.equals(writer.write([['b', text('long text long text')]]))).toBe(true);
  });

  it('can be empty', async () => {
    expect((await readParts(createPackageWriter([]).write([]))).size).toBe(0);
  });
});
