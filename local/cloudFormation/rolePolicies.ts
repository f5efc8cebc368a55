/** Which policies the template gives to which role. */
import { z } from 'zod';
import type { Resource } from './resolve.ts';

const InlineSchema = z.object({ PolicyDocument: z.unknown() });
const RoleSchema = z.object({ Policies: z.array(InlineSchema).default([]) });
const PolicySchema = InlineSchema.extend({ Roles: z.array(z.string()).default([]) });

export interface RolePolicies {
  /** Policy documents by the role's logical id; a role without any has an empty list. */
  readonly byRole: Readonly<Record<string, unknown[]>>;
  /** Logical id of the role with this ARN. @throws when there is none */
  roleOf(arn: string): string;
}

export function rolePolicies(resources: readonly Resource[]): RolePolicies {
  const roles = resources.filter(({ type }) => type === 'AWS::IAM::Role');
  const attached = resources
    .filter(({ type }) => type === 'AWS::IAM::Policy')
    .map(({ properties }) => PolicySchema.parse(properties));
  const byRole = roles.map((role) => [
    role.logicalId,
    [
      ...RoleSchema.parse(role.properties).Policies,
      ...attached.filter(({ Roles }) => Roles.includes(role.ref)),
    ].map(({ PolicyDocument }) => PolicyDocument),
  ]);
  return {
    byRole: Object.fromEntries(byRole) as Record<string, unknown[]>,
    roleOf(arn) {
      const role = roles.find((candidate) => candidate.arn === arn);
      if (!role) throw new Error(`The template has no role ${arn}.`);
      return role.logicalId;
    },
  };
}
