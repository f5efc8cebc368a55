/** What the AWS command line needs to talk to the local services. */
import type { Credentials } from './iam/signing.ts';
import type { LocalAddresses } from './lambda/environment.ts';
import type { CloudModel } from './cloudFormation/cloudModel.ts';
import { LOCAL_REGION } from './cloudFormation/resourceTypes.ts';

/** A file for a shell: `set -a; . .sheaf/aws.env; aws stepfunctions list-state-machines`. */
export function developerEnvironment(
  { servicesUrl }: LocalAddresses,
  { tableName, bucketName }: Pick<CloudModel, 'tableName' | 'bucketName'>,
  { accessKeyId, secretAccessKey }: Credentials,
): string {
  return [
    `AWS_ENDPOINT_URL=${servicesUrl}`,
    `AWS_REGION=${LOCAL_REGION}`,
    // Version 1 of the command line and boto3 read this name alone.
    `AWS_DEFAULT_REGION=${LOCAL_REGION}`,
    `AWS_ACCESS_KEY_ID=${accessKeyId}`,
    `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    `SHEAF_TABLE=${tableName}`,
    `SHEAF_BUCKET=${bucketName}`,
    '',
  ].join('\n');
}
