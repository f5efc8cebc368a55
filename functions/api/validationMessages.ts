/** What is wrong with a value, in words that say what to send instead; never the value itself. */
import type { $ZodRawIssue } from 'zod/v4/core';

/** The message for an issue; undefined leaves it to the schema library. */
export function messageOf(issue: $ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'Is required.' : `Must be ${withArticle(issue.expected)}.`;
    case 'invalid_value':
      return `Must be ${anyOf(issue.values.map((value) => JSON.stringify(value)))}.`;
    case 'too_small':
      return `Must ${sized(issue.origin, 'at least', issue.minimum)}.`;
    case 'too_big':
      return `Must ${sized(issue.origin, 'at most', issue.maximum)}.`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? `Must have the form ${issue.pattern ?? 'that the documentation shows'}.`
        : `Must be a valid ${issue.format}.`;
    case 'invalid_union':
      return 'Has none of the forms that are allowed here.';
    default:
      return undefined;
  }
}

const withArticle = (type: string) =>
  type === 'int' ? 'a whole number' : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;

const anyOf = (options: readonly (string | undefined)[]) =>
  options.length < 2 ? String(options[0]) : `one of ${options.join(', ')}`;

/** Such as "have at least 1 item", "be at most 100", "have at most 200 characters". */
function sized(origin: string, bound: string, limit: number | bigint): string {
  const plural = Number(limit) === 1 ? '' : 's';
  if (origin === 'string') return `have ${bound} ${limit} character${plural}`;
  if (origin === 'array') return `have ${bound} ${limit} item${plural}`;
  return `be ${bound} ${limit}`;
}
