import { expect, it } from 'vitest';
import { textsOf, xmlDocument } from '../../../../local/s3/xml.ts';

it('writes elements in order, repeated ones, and none for undefined', () => {
  expect(xmlDocument('Root', { A: 1, B: [{ C: true }, { C: 'x' }], D: undefined })).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<Root xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      '<A>1</A><B><C>true</C></B><B><C>x</C></B></Root>',
  );
});

it('reads back what it wrote', () => {
  const text = 'Zoë & <"王"> \r \'x\' &amp;';
  expect(textsOf(xmlDocument('Error', { Key: [text, 'b'] }), 'Key')).toEqual([text, 'b']);
  expect(textsOf('<K>&#65;&#x42;&apos;&unknown;</K>', 'K')).toEqual(["AB'&unknown;"]);
});
