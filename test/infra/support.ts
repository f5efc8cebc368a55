/** The stack as tests see it: synthesized without bundles, read as plain objects. */
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { z } from 'zod';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { readSettings, type Settings } from '../../infra/settings.ts';
import { SheafStack } from '../../infra/sheafStack.ts';

/** The app with the flags and settings of cdk.json, and code that is a comment with its name. */
export function createStack(settings: Partial<Settings> = {}): SheafStack {
  const app = new App({
    context: cdkJson.context,
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  return new SheafStack(app, 'Sheaf', {
    ...readSettings(app.node),
    ...settings,
    code: (name) => Code.fromInline(`// ${name}`),
    consoleDigest: 'digest',
  });
}

/** The template of such a stack. */
export function synthesize(settings: Partial<Settings> = {}): Template {
  return Template.fromStack(createStack(settings));
}

const FunctionSchema = z.object({
  Description: z.string(),
  Code: z.object({ ZipFile: z.string() }),
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  Timeout: z.number(),
  MemorySize: z.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

/** A function of the template, by its name in shared/names.ts. */
export interface SynthesizedFunction {
  readonly logicalId: string;
  readonly roleId: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, unknown>>;
}

/** All functions of a template. */
export function functionsOf(template: Template): Map<string, SynthesizedFunction> {
  const found = template.findResources('AWS::Lambda::Function');
  return new Map(
    Object.entries(found).map(([logicalId, resource]) => {
      const properties = FunctionSchema.parse(resource.Properties);
      return [
        properties.Code.ZipFile.replace('// ', ''),
        {
          logicalId,
          roleId: properties.Role['Fn::GetAtt'][0],
          timeoutSeconds: properties.Timeout,
          environment: properties.Environment.Variables,
        },
      ];
    }),
  );
}

const oneOrMore = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const StatementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: oneOrMore,
  Resource: z.unknown().transform((value) => [value].flat().map(spell)),
});
export type Statement = z.infer<typeof StatementSchema>;

const PolicySchema = z.object({
  Roles: z.array(z.object({ Ref: z.string() })),
  PolicyDocument: z.object({ Statement: z.array(StatementSchema) }),
});

/** Identity policies of a template, by the logical id of the role that they belong to. */
export function statementsByRole(template: Template): Map<string, Statement[]> {
  const byRole = new Map<string, Statement[]>();
  for (const resource of Object.values(template.findResources('AWS::IAM::Policy'))) {
    const { Roles, PolicyDocument } = PolicySchema.parse(resource.Properties);
    for (const { Ref } of Roles) {
      byRole.set(Ref, [...(byRole.get(Ref) ?? []), ...PolicyDocument.Statement]);
    }
  }
  return byRole;
}

/**
 * A value of the template as one text, with references in angle brackets:
 * `<Bucket83908E77.Arn>/tasks/*`.
 */
export function spell(value: unknown): string {
  if (typeof value === 'string') return value;
  const intrinsic = IntrinsicSchema.safeParse(value);
  if (!intrinsic.success) return JSON.stringify(value);
  if ('Ref' in intrinsic.data) return `<${intrinsic.data.Ref}>`;
  if ('Fn::GetAtt' in intrinsic.data) return `<${intrinsic.data['Fn::GetAtt'].join('.')}>`;
  return intrinsic.data['Fn::Join'][1].map(spell).join('');
}

/** The intrinsic functions that are spelled. */
export const IntrinsicSchema = z.union([
  z.strictObject({ Ref: z.string() }),
  z.strictObject({ 'Fn::GetAtt': z.array(z.string()) }),
  z.strictObject({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }),
]);

/** The one resource of a type, or the one whose logical id begins with `prefix`. */
export function onlyId(template: Template, type: string, prefix = ''): string {
  const ids = Object.keys(template.findResources(type)).filter((id) => id.startsWith(prefix));
  const [id] = ids;
  if (id === undefined || ids.length > 1) throw new Error(`${type} ${prefix}: ${ids.join(', ')}`);
  return id;
}
