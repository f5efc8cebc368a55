/** The blocks of docs/row-steps.md, to be tried. */
import { readFileSync } from 'node:fs';
import * as z from 'zod';

export const rowStepsGuide = readFileSync(
  new URL('../../docs/row-steps.md', import.meta.url),
  'utf8',
);

/** Its blocks of a language, in their order. */
export const guideBlocks = (language: string): string[] =>
  [...rowStepsGuide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, block = '']) => block,
  );

const ExampleSchema = z.looseObject({ steps: z.array(z.looseObject({})).optional() });

/** Its examples in JSON. */
export const guideExamples = () =>
  guideBlocks('json').map((block) => ExampleSchema.parse(JSON.parse(block)));
