/** Resolves a template's intrinsic functions for the local account. */
import type { Template } from './cloudTemplate.ts';
import {
  LOCAL_ACCOUNT,
  LOCAL_PARTITION,
  LOCAL_REGION,
  LOCAL_URL_SUFFIX,
  RESOURCE_TYPES,
  type Identity,
} from './resourceTypes.ts';

/** A resource with every intrinsic function of its properties replaced by its value. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** What `Ref` gives for it. */
  readonly ref: string;
  /** What `Fn::GetAtt` of `Arn` gives for it, where it has one. */
  readonly arn: string | undefined;
}

export interface ResolvedTemplate {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Intrinsic functions: an object of one key that is Ref or begins with Fn:: . */
function intrinsicOf(value: object): [name: string, argument: unknown] | undefined {
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  const intrinsic = name === 'Ref' || name?.startsWith('Fn::') === true;
  return entries.length === 1 && name !== undefined && intrinsic ? [name, argument] : undefined;
}

/** What a Ref to AWS::NoValue resolves to: the property is left out. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Replaces Ref, Fn::GetAtt, Fn::Join, Fn::Select, Fn::Split and Fn::Sub throughout.
 * @throws for a resource type or an intrinsic function that is not known, with its name and the
 *   logical id where it stands, all of them at once
 */
export function resolveTemplate(template: Template, stackName: string): ResolvedTemplate {
  refuseUnknownTypes(template);
  const pseudoParameters: Record<string, string> = {
    'AWS::AccountId': LOCAL_ACCOUNT,
    'AWS::Partition': LOCAL_PARTITION,
    'AWS::Region': LOCAL_REGION,
    'AWS::StackId': `arn:${LOCAL_PARTITION}:cloudformation:${LOCAL_REGION}:${LOCAL_ACCOUNT}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': LOCAL_URL_SUFFIX,
  };

  /** Everything below works for one place in the template, which its messages name. */
  const resolverAt = (place: string) => {
    const fail = (what: string): never => {
      throw new Error(`The template is beyond the local cloud: ${what} (in ${place}).`);
    };
    const text = (value: unknown, what: string): string => {
      const resolved = resolve(value);
      return typeof resolved === 'string' || typeof resolved === 'number'
        ? String(resolved)
        : fail(`${what} needs a text`);
    };
    const list = (value: unknown, what: string): unknown[] => {
      const resolved = resolve(value);
      return Array.isArray(resolved) ? resolved : fail(`${what} needs a list`);
    };

    const identity = (logicalId: string): Identity => ({
      stackName,
      logicalId,
      property(name) {
        const value = template.Resources[logicalId]?.Properties[name];
        return value === undefined ? undefined : resolverAt(logicalId).text(value, name);
      },
    });
    const typeOf = (logicalId: string) => {
      const name = template.Resources[logicalId]?.Type;
      return name === undefined ? undefined : RESOURCE_TYPES[name];
    };

    const ref = (name: string): unknown => {
      if (name === 'AWS::NoValue') return NO_VALUE;
      if (name in pseudoParameters) return pseudoParameters[name];
      const parameter = template.Parameters[name];
      if (parameter) return parameter.Default ?? fail(`the parameter ${name} has no default`);
      return typeOf(name)?.ref(identity(name)) ?? fail(`Ref of ${name}, which does not exist`);
    };
    const attribute = (logicalId: string, name: string): string => {
      const namer = typeOf(logicalId)?.attributes?.[name];
      return namer?.(identity(logicalId)) ?? fail(`Fn::GetAtt of ${logicalId}.${name}`);
    };

    const substitute = (argument: unknown): string => {
      const [pattern, variables] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
      if (typeof pattern !== 'string') return fail('Fn::Sub needs a text');
      const values = new Map<string, unknown>(Object.entries(variables ?? {}));
      // ${!name} stands for a literal ${name}.
      return pattern.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
        if (literal !== '') return `\${${name}}`;
        if (values.has(name)) return text(values.get(name), 'Fn::Sub');
        const [logicalId = '', ...rest] = name.split('.');
        return rest.length > 0 ? attribute(logicalId, rest.join('.')) : text({ Ref: name }, 'Ref');
      });
    };

    const intrinsics: Record<string, (argument: unknown) => unknown> = {
      Ref: (name) => (typeof name === 'string' ? ref(name) : fail('Ref needs a name')),
      'Fn::GetAtt': (argument) => {
        const path = typeof argument === 'string' ? argument.split('.') : argument;
        if (!Array.isArray(path)) return fail('Fn::GetAtt needs a logical id and an attribute');
        const [logicalId, ...rest] = path.map(String);
        return attribute(logicalId ?? '', rest.join('.'));
      },
      'Fn::Join': (argument) => {
        const [separator, values] = list(argument, 'Fn::Join');
        return list(values, 'Fn::Join')
          .map((value) => text(value, 'Fn::Join'))
          .join(text(separator, 'Fn::Join'));
      },
      'Fn::Select': (argument) => {
        const [index, values] = list(argument, 'Fn::Select');
        const selected = list(values, 'Fn::Select')[Number(index)];
        return selected ?? fail(`Fn::Select has no value ${String(index)}`);
      },
      'Fn::Split': (argument) => {
        const [separator, value] = list(argument, 'Fn::Split');
        return text(value, 'Fn::Split').split(text(separator, 'Fn::Split'));
      },
      'Fn::Sub': substitute,
    };

    const resolve = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(resolve).filter((entry) => entry !== NO_VALUE);
      const intrinsic = intrinsicOf(value);
      if (intrinsic) {
        const [name, argument] = intrinsic;
        return (intrinsics[name] ?? (() => fail(`the function ${name} is not known`)))(argument);
      }
      const resolved = Object.entries(value).map(([key, entry]) => [key, resolve(entry)] as const);
      return Object.fromEntries(resolved.filter(([, entry]) => entry !== NO_VALUE));
    };

    return { resolve, text, ref, identity };
  };

  const resources = Object.entries(template.Resources).map(([logicalId, { Type, Properties }]) => {
    const resolver = resolverAt(logicalId);
    return {
      logicalId,
      type: Type,
      properties: resolver.resolve(Properties) as Record<string, unknown>,
      ref: String(resolver.ref(logicalId)),
      arn: RESOURCE_TYPES[Type]?.attributes?.Arn?.(resolver.identity(logicalId)),
    };
  });
  const outputs = Object.entries(template.Outputs).map(
    ([name, { Value }]) => [name, resolverAt(`output ${name}`).resolve(Value)] as const,
  );
  return { resources, outputs: Object.fromEntries(outputs) };
}

function refuseUnknownTypes(template: Template): void {
  const unknown = Object.entries(template.Resources)
    .filter(([, { Type }]) => !(Type in RESOURCE_TYPES))
    .map(([logicalId, { Type }]) => `${Type} (${logicalId})`);
  if (unknown.length > 0) {
    throw new Error(
      `The local cloud does not know these resource types: ${unknown.join(', ')}. ` +
        'Add them to local/cloudFormation/resourceTypes.ts, with what they do or why nothing runs for them.',
    );
  }
}
