import { describe, expect, it } from 'vitest';
import { XmlMalformed } from '../../../../shared/office/xmlScan.ts';
import { attribute, readTree, valueOf, within } from '../../../../web/parts/preview/xmlTree.ts';

describe('XML of a part as a tree', () => {
  it('has names without prefixes, and text of leaves with its entities resolved', () => {
    const tree = readTree(
      '<?xml version="1.0"?><w:p w:x="1"><w:r><w:t>&lt;img&gt; &amp; <![CDATA[<b>&amp;]]></w:t></w:r><w:jc w:val="center"/></w:p>',
    );
    expect(tree.name).toBe('p');
    expect(attribute(tree, 'x')).toBe('1');
    expect(valueOf(tree, 'jc')).toBe('center');
    expect(within(tree, 't')?.text).toBe('<img> & <b>&amp;');
  });

  it.each(['', 'text', '<a>', '<a></a></b>', '</a>', `${'<a>'.repeat(300)}${'</a>'.repeat(300)}`])(
    'refuses what is none, or deeper than a document: %.20s',
    (text) => {
      expect(() => readTree(text)).toThrow(XmlMalformed);
    },
  );
});
