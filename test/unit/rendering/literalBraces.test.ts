import { describe, expect, it } from 'vitest';
import { fillTable } from '../../support/fillTable.ts';
import { paragraphs, wordFile } from '../../support/wordFile.ts';

const textsOf = async (...lines: string[]) =>
  (await fillTable(wordFile(paragraphs(...lines)), 'name,set\nAnn,{a}\n')).texts;

describe('braces that are text', () => {
  it('stand where tags have other signs', async () => {
    expect(await textsOf('{=[[ ]]=}f = { [[name]] }')).toEqual(['f = { Ann }']);
    expect(await textsOf('{=[[ ]]=}[[#name]]x {y}[[/name]]')).toEqual(['x {y}']);
  });

  it('end where the braces of tags come back', async () => {
    const lines = ['{name}', '{=[[ ]]=}', 'if (x) { [[name]] }', '[[={ }=]]', '{name}'];
    expect(await textsOf(...lines)).toEqual(['Ann\nif (x) { Ann }\nAnn']);
  });

  it('come from the data as they are', async () => {
    expect(await textsOf('the set {set}')).toEqual(['the set {a}']);
  });
});
