/**
 * DynamoDB expressions for the table port's conditions and changes. Every name and value goes through
 * a placeholder, so reserved words and odd names are safe.
 */
import type { Change, Condition } from '../../shared/ports.ts';
import { TABLE_KEYS } from '../../shared/names.ts';
import { attributeValue, type AttributeValue } from './attributeValues.ts';

/** Collects the names and values that one request's expressions use. */
export interface Placeholders {
  name(attribute: string): string;
  value(value: unknown): string;
  /** The request's members; a member that would be empty is left out, as DynamoDB demands. */
  members(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  };
}

export function createPlaceholders(): Placeholders {
  const names = new Map<string, string>();
  const values = new Map<string, AttributeValue>();
  return {
    name(attribute) {
      const known = names.get(attribute) ?? `#n${names.size}`;
      names.set(attribute, known);
      return known;
    },
    value(value) {
      const placeholder = `:v${values.size}`;
      values.set(placeholder, attributeValue(value));
      return placeholder;
    },
    members: () => ({
      ...(names.size > 0 && {
        ExpressionAttributeNames: Object.fromEntries([...names].map(([k, v]) => [v, k])),
      }),
      ...(values.size > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
    }),
  };
}

/** A condition as a ConditionExpression, with no more parentheses than it needs: DynamoDB refuses some. */
export const conditionExpression = (condition: Condition, use: Placeholders): string =>
  expressionOf(condition, use).text;

interface Expression {
  readonly text: string;
  /** Whether it is to stand in parentheses beside AND, which binds tighter. */
  readonly isOr: boolean;
}

function expressionOf(condition: Condition, use: Placeholders): Expression {
  if ('all' in condition) return joined(condition.all, 'AND', use);
  if ('any' in condition) return joined(condition.any, 'OR', use);
  return { text: comparison(condition, use), isOr: false };
}

function comparison(
  condition: Exclude<Condition, { all: unknown } | { any: unknown }>,
  use: Placeholders,
): string {
  if ('absent' in condition) return `attribute_not_exists(${use.name(condition.absent)})`;
  if ('present' in condition) return `attribute_exists(${use.name(condition.present)})`;
  return `${use.name(condition.attribute)} ${condition.is} ${use.value(condition.value)}`;
}

function joined(
  parts: readonly Condition[],
  operator: 'AND' | 'OR',
  use: Placeholders,
): Expression {
  const [first, ...others] = parts.map((part) => expressionOf(part, use));
  if (first === undefined) {
    // All of none holds and any of none does not; the language has no constants to say so.
    const either = [{ present: TABLE_KEYS.partition }, { absent: TABLE_KEYS.partition }];
    return joined(either, operator === 'AND' ? 'OR' : 'AND', use);
  }
  if (others.length === 0) return first;
  const isOr = operator === 'OR';
  const texts = [first, ...others].map((part) =>
    part.isOr && !isOr ? `(${part.text})` : part.text,
  );
  return { text: texts.join(` ${operator} `), isOr };
}

/** A change as an UpdateExpression; undefined for a change of nothing. */
export function updateExpression(change: Change, use: Placeholders): string | undefined {
  const { set = {}, add = {}, remove = [] } = change;
  const assign = Object.entries(set).map(([k, v]) => `${use.name(k)} = ${use.value(v)}`);
  const sums = Object.entries(add).map(([k, v]) => `${use.name(k)} ${use.value(v)}`);
  const clauses = [
    clause('SET', assign),
    clause('ADD', sums),
    clause(
      'REMOVE',
      remove.map((attribute) => use.name(attribute)),
    ),
  ];
  return clauses.filter(Boolean).join(' ') || undefined;
}

const clause = (keyword: string, parts: readonly string[]) =>
  parts.length > 0 ? `${keyword} ${parts.join(', ')}` : '';
