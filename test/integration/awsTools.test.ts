/** The tools of AWS, made by others, with the file that the local cloud writes for them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListTablesCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestCloud, type TestCloud } from '../support/localCloud.ts';

let cloud: TestCloud;
beforeAll(async () => (cloud = await startTestCloud()), 120_000);
afterAll(() => cloud.remove());

/** Runs commands in a shell that knows nothing of AWS but what the file says. */
function inShell(commands: string) {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-ec', `set -a; . "$SHEAF_DATA_DIR/aws.env"; set +a\n${commands}`],
    {
      env: {
        PATH: process.env.PATH,
        HOME: cloud.dataDir,
        SHEAF_DATA_DIR: cloud.dataDir,
      },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;

describe('the file for the tools of AWS', () => {
  it('names table and bucket, as the list of each does', async () => {
    const text = readFileSync(join(cloud.dataDir, 'aws.env'), 'utf8');
    const values = new Map(text.split('\n').map((line) => line.split('=', 2) as [string, string]));
    const value = (name: string) => values.get(name) ?? '';
    const config = {
      endpoint: value('AWS_ENDPOINT_URL'),
      region: value('AWS_DEFAULT_REGION'),
      credentials: {
        accessKeyId: value('AWS_ACCESS_KEY_ID'),
        secretAccessKey: value('AWS_SECRET_ACCESS_KEY'),
      },
    };
    const dynamo = new DynamoDBClient(config);
    const { TableNames } = await dynamo.send(new ListTablesCommand({}));
    expect(TableNames).toEqual([value('SHEAF_TABLE')]);
    const s3 = new S3Client(config);
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain(value('SHEAF_BUCKET'));
    dynamo.destroy();
    s3.destroy();
  });

  it.skipIf(!has('aws', '--version'))(
    'is all that the AWS command line needs',
    { timeout: 120_000 },
    () => {
      const listed = inShell('aws dynamodb list-tables --query TableNames[] --output text');
      expect(listed).toMatchObject({ status: 0, stderr: '' });
      expect(inShell('echo $SHEAF_TABLE').stdout).toBe(listed.stdout);
      expect(inShell('aws s3 ls').stdout).toContain(inShell('echo $SHEAF_BUCKET').stdout);
      expect(inShell('aws s3 ls "s3://$SHEAF_BUCKET"')).toMatchObject({ stdout: '', stderr: '' });
      const scanned = inShell('aws dynamodb scan --table-name "$SHEAF_TABLE" --select COUNT');
      expect(scanned).toMatchObject({ status: 0 });
    },
  );

  it.skipIf(!has('python3', '-c', 'import boto3'))(
    'is all that boto3 needs',
    { timeout: 120_000 },
    () => {
      const program = [
        'import boto3, os',
        "print(boto3.client('dynamodb').list_tables()['TableNames'] == [os.environ['SHEAF_TABLE']])",
        "print(os.environ['SHEAF_BUCKET'] in [b['Name'] for b in boto3.client('s3').list_buckets()['Buckets']])",
        "print(len(boto3.client('stepfunctions').list_state_machines()['stateMachines']))",
        "secrets = boto3.client('secretsmanager')",
        "arn = secrets.create_secret(Name='boto3/a', SecretString='x')['ARN']",
        "secrets.put_secret_value(SecretId=arn[:-7], SecretString='y')",
        "print(secrets.get_secret_value(SecretId='boto3/a')['SecretString'])",
        "print(secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)['ARN'] == arn)",
        'try: secrets.get_secret_value(SecretId=arn)',
        'except secrets.exceptions.ResourceNotFoundException as e: print(type(e).__name__)',
      ];
      const { stdout, stderr } = inShell(`python3 -c "${program.join('\n')}"`);
      const said = 'True\nTrue\n5\ny\nTrue\nResourceNotFoundException\n';
      expect([stdout, stderr]).toEqual([said, '']);
    },
  );
});
