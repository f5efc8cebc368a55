import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ZipBroken } from '../../../../shared/zip/directory.ts';
import { NotDrawable, openPackage } from '../../../../web/parts/preview/package.ts';
import { craftZip } from '../../../support/craftZip.ts';
import { relationship } from '../../../support/richWordFile.ts';
import { paragraphs, wordEntries, wordFile } from '../../../support/wordFile.ts';

const open = (bytes: Uint8Array) => openPackage(new Uint8Array(bytes));

describe('the package of a document', () => {
  it('is unpacked by the platform, and leads to its parts', async () => {
    const opened = await open(
      readFileSync(new URL('../../../../examples/offer-letter.docx', import.meta.url)),
    );
    expect(opened.main).toBe('word/document.xml');
    expect(await opened.text(opened.main)).toContain('{name}');
    const targets = [...(await opened.targets(opened.main)).values()];
    expect(targets.map(({ name }) => name)).toContain('word/styles.xml');
    expect(await opened.bytes('word/none.xml')).toBeUndefined();
  });

  it('knows what leads out of it', async () => {
    const opened = await open(
      wordFile(paragraphs('a'), {
        relationships: relationship('rId5', 'image', 'https://example.com/a.png', true),
      }),
    );
    expect((await opened.targets(opened.main)).get('rId5')).toMatchObject({ isExternal: true });
  });

  it('is refused when it is none, or unpacks to more than it says', async () => {
    await expect(open(Buffer.from('no zip'))).rejects.toThrow(ZipBroken);
    const packed = craftZip([{ name: 'word/document.xml', content: 'a'.repeat(500), method: 8 }]);
    packed.writeUInt32LE(100, packed.lastIndexOf('word/document.xml') - 46 + 24);
    const opened = await open(packed);
    await expect(opened.text('word/document.xml')).rejects.toThrow(NotDrawable);
  });

  it('is refused when a part is larger than a page can be', async () => {
    const packed = craftZip(wordEntries(paragraphs('a')));
    packed.writeUInt32LE(33 * 1024 * 1024, packed.lastIndexOf('word/document.xml') - 46 + 24);
    const opened = await open(packed);
    await expect(opened.text('word/document.xml')).rejects.toThrow(NotDrawable);
  });
});
