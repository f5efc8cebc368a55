import { describe, expect, it } from 'vitest';
import { uniqueLabels } from '../../../shared/orders/templateLabels.ts';

describe('labels of templates', () => {
  it.each([
    'letter.docx',
    'letter.DOCX',
    'letter.docm',
    'letter.dotx',
    'letter.Dotm',
    'letter.doc',
  ])('have no ending of a file: %s', (name) => {
    expect(uniqueLabels([name])).toEqual(['letter']);
  });

  it('keep what is no ending of a Word file', () => {
    const names = ['v1.2', 'letter.pdf', 'docx', '.docx', 'my.docx letter'];
    expect(uniqueLabels(names)).toEqual(names);
  });

  it('differ, whatever their case and ending', () => {
    expect(uniqueLabels(['Letter.docx', 'letter', 'letter.dotx', 'letter-2.docx'])).toEqual([
      'Letter',
      'letter-2',
      'letter-3',
      'letter-2-2',
    ]);
  });
});
