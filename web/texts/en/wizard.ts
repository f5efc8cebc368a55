import { n } from './numbers.ts';

export const wizard = {
  wizard: {
    title: 'New task',
    steps: 'Steps',
    step: (index: number, count: number) => `Step ${index} of ${count}:`,
    more: 'Show more',
    noMatch: 'Nothing matches.',
    template: 'Template',
    data: 'Data',
    check: 'Check',
    start: 'Start',
    done: 'done',
  },
  template: {
    choose: 'Or take one that is here already',
    none: 'There is no template yet.',
    search: 'Search templates',
    tags: 'What rows fill in',
    tagCount: (count: number) => n(count, { one: '# tag', other: '# tags' }),
    noTags:
      'This document has no tags: every row would give the same. Write {name} where a value belongs.',
    value: 'value',
    section: 'repeats, or is shown if there is a value',
    inverted: 'shown if there is no value',
    conditional: 'in a condition',
    mergeField: 'merge field of Word',
    inPart: {
      header: 'header',
      footer: 'footer',
      footnotes: 'footnotes',
      endnotes: 'endnotes',
      comments: 'comments',
    },
    faults: 'This document cannot be a template yet',
    faultCount: (count: number) =>
      n(count, { one: '# fault was found', other: '# faults were found' }),
    faultsHint: 'Correct them in Word, save, and drop the file here again.',
    another: 'Choose another template',
    warnings: 'To look at',
    page: 'The page',
    pageLater: 'The page is drawn for files that you drop here. Drop the file again to see it.',
    uploadedAs: (name: string) => `File ${name}`,
    slow: 'This template is filled by the thorough engine, which is slower.',
  },
  drop: {
    template: 'Drop a Word document here',
    templateKinds: 'A .docx with tags such as {name}',
    choose: 'Choose a file',
    uploading: (name: string) => `Uploading ${name} …`,
    oneOnly: 'Drop one file at a time.',
  },
};
