import { expect, it } from 'vitest';
import { faultPlace } from '../../../../web/pages/wizard/faultPlace.ts';

it('says where a fault is as people find it, not in which file of the document', () => {
  expect(faultPlace('word/document.xml, paragraph 17')).toEqual({
    part: undefined,
    paragraph: 17,
  });
  expect(faultPlace('word/footer2.xml, paragraph 1')).toEqual({ part: 'footer', paragraph: 1 });
  expect(faultPlace('word/header1.xml')).toEqual({ part: 'header', paragraph: undefined });
  expect(faultPlace('')).toEqual({ part: undefined, paragraph: undefined });
});
