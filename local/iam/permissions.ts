/**
 * Whether a role may do something, by the policies that the template gives it: what has no grant there
 * is refused here too. (IAM User Guide, "Policy evaluation logic", identity-based policies.)
 */
import { z } from 'zod';

/** IAM takes one value where a list is meant. */
const listOf = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value): unknown => (Array.isArray(value) ? value : [value]), z.array(schema));

/** Strict: NotAction, NotResource and Principal would be dangerous to overlook. */
const StatementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: listOf(z.string()),
  Resource: listOf(z.string()),
  Condition: z.record(z.string(), z.record(z.string(), listOf(z.string()))).optional(),
});

const PolicySchema = z.strictObject({
  Version: z.string().optional(),
  Id: z.string().optional(),
  Statement: listOf(StatementSchema),
});

/** Values that conditions may ask for, such as `s3:prefix`. */
export type RequestContext = Readonly<Record<string, string>>;

export interface Permissions {
  /**
   * @param principal a role's name; one without policies may nothing
   * @param action such as s3:GetObject
   * @param resource an ARN
   */
  allows(principal: string, action: string, resource: string, context?: RequestContext): boolean;
}

/**
 * Reads policies, once, into tests.
 * @param policies by principal: policy documents with every reference resolved
 * @throws Error that names principal and place, for what could not be evaluated exactly
 */
export function compilePermissions(policies: Readonly<Record<string, unknown[]>>): Permissions {
  const statements = new Map(
    Object.entries(policies).map(([principal, documents]) => [
      principal,
      documents.flatMap((document) => compilePolicy(principal, document)),
    ]),
  );
  return {
    allows(principal, action, resource, context = {}) {
      const matching = (statements.get(principal) ?? []).filter((statement) =>
        statement.matches(action, resource, context),
      );
      // Nothing is allowed by default, and one Deny outweighs every Allow.
      return matching.length > 0 && matching.every(({ effect }) => effect === 'Allow');
    },
  };
}

interface CompiledStatement {
  readonly effect: 'Allow' | 'Deny';
  matches(action: string, resource: string, context: RequestContext): boolean;
}

function compilePolicy(principal: string, document: unknown): CompiledStatement[] {
  const parsed = PolicySchema.safeParse(document);
  if (!parsed.success) {
    throw new Error(
      `A policy of ${principal} cannot be evaluated locally:\n${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data.Statement.map(({ Effect, Action, Resource, Condition = {} }) => {
    const actions = Action.map((pattern) => wildcard(pattern, 'i'));
    const resources = Resource.map((pattern) => wildcard(pattern));
    const conditions = Object.entries(Condition).map(([operator, operands]) =>
      compileCondition(principal, operator, operands),
    );
    return {
      effect: Effect,
      matches: (action, resource, context) =>
        actions.some((pattern) => pattern.test(action)) &&
        resources.some((pattern) => pattern.test(resource)) &&
        conditions.every((holds) => holds(context)),
    };
  });
}

/** Operators of a statement's Condition: whether a value of the request fits one of the statement's. */
const OPERATORS: Record<string, (pattern: string) => (value: string) => boolean> = {
  StringEquals: (expected) => (value) => value === expected,
  StringLike: (pattern) => {
    const expression = wildcard(pattern);
    return (value) => expression.test(value);
  },
};

function compileCondition(
  principal: string,
  operator: string,
  operands: Record<string, string[]>,
): (context: RequestContext) => boolean {
  const compile = OPERATORS[operator];
  if (!compile) {
    throw new Error(
      `A policy of ${principal} uses the condition operator ${operator}, which the local cloud ` +
        `cannot evaluate. It knows ${Object.keys(OPERATORS).join(' and ')}.`,
    );
  }
  const tests = Object.entries(operands).map(
    ([key, values]) => [key, values.map((value) => compile(value))] as const,
  );
  return (context) =>
    tests.every(([key, anyOf]) => {
      const value = context[key];
      return value !== undefined && anyOf.some((fits) => fits(value));
    });
}

/** A pattern of IAM: * stands for any characters, ? for one. */
function wildcard(pattern: string, flags = ''): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}
