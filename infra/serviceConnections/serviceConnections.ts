import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENV } from '../../shared/names.ts';
import type { SheafFunction } from '../functions/sheafFunction.ts';
import { explainWildcard, nagText } from '../wildcards.ts';

export interface ServiceConnectionsProps {
  /** Hosts that connections and row steps may name, as shared/egress/hosts.ts reads them. */
  readonly hosts: string;
}

/**
 * Connections to services of others. Their secret headers are secrets that the API makes, one for each connection
 * that has some, under names that begin with the stack's; nothing of them is in the template.
 */
export class ServiceConnections extends Construct {
  private readonly hosts: string;

  constructor(scope: Construct, id: string, { hosts }: ServiceConnectionsProps) {
    super(scope, id);
    this.hosts = hosts;
  }

  /** Lets a function make connections and delete them; what their secrets hold it cannot read. */
  allowManage(manager: SheafFunction): void {
    manager.addEnvironment(ENV.serviceHosts, this.hosts);
    this.allow(manager, ['CreateSecret', 'DeleteSecret']);
  }

  /** Lets a function call them: it reads their secrets, and makes none. */
  allowCall(caller: SheafFunction): void {
    caller.addEnvironment(ENV.serviceHosts, this.hosts);
    this.allow(caller, ['GetSecretValue']);
  }

  /** Lets a function delete secrets that nothing names. */
  allowForget(sweeper: SheafFunction): void {
    this.allow(sweeper, ['DeleteSecret']);
  }

  private allow(user: SheafFunction, operations: readonly string[]): void {
    const place = Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${Stack.of(this).stackName}/connections/`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    user.addEnvironment(ENV.connectionSecrets, place);
    user.addToRolePolicy(
      new PolicyStatement({
        actions: operations.map((operation) => `secretsmanager:${operation}`),
        resources: [`${place}*`],
      }),
    );
    explainWildcard(
      user.role,
      nagText(this, `${place}*`),
      'Secrets of connections are made at run time; the asterisk stands for those of this stack.',
    );
  }
}
