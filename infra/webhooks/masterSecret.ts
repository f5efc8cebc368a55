import { Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { ENV } from '../../shared/names.ts';
import type { SheafFunction } from '../functions/sheafFunction.ts';
import { removalPolicy } from '../storage/removalPolicy.ts';

export interface MasterSecretProps {
  /** Whether the secret outlives the stack. */
  readonly retain: boolean;
}

/** Of letters and digits: 64 of them are more than the 256 bits that a derived secret has. */
const CHARACTERS = 64;

/** The one secret that the secrets of all webhooks are derived from; made by Secrets Manager itself. */
export class MasterSecret extends Secret {
  constructor(scope: Construct, id: string, { retain }: MasterSecretProps) {
    super(scope, id, {
      description: 'Sheaf: the secrets of webhooks are derived from it',
      generateSecretString: { passwordLength: CHARACTERS, excludePunctuation: true },
      removalPolicy: removalPolicy(retain),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Another value would change the secret of every webhook at once: whoever receives them has to ' +
        'know the new one first. docs/operations.md tells how an operator does it.',
    });
  }

  /** Tells a function the secret's ARN and lets it read the value. */
  allowRead(reader: SheafFunction): void {
    reader.addEnvironment(ENV.webhookSecret, this.secretArn);
    reader.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [this.secretArn],
      }),
    );
  }
}
