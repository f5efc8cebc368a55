/**
 * What the distributed map reads and writes in the bucket. The constructs of the library would grant
 * the state machine the whole bucket; these grant the keys that it uses.
 */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ResultWriterV2, S3JsonItemReader } from 'aws-cdk-lib/aws-stepfunctions';

/** Manifests of all tasks (shared/keys.ts, objectKeys.manifest). */
export const MANIFESTS = 'tasks/*/manifest-*';
/** Result files of all map runs (shared/keys.ts, mapResultsPrefix). */
export const MAP_RESULTS = 'tasks/*/map-results/*';

/** Reads the manifest: a JSON array, an item a shard. */
export class ManifestReader extends S3JsonItemReader {
  override providePolicyStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['s3:GetObject'],
        resources: [this.bucket.arnForObjects(MANIFESTS)],
      }),
    ];
  }
}

/** Writes how each child ended: for people who look into a failure; no step reads it. */
export class MapResultWriter extends ResultWriterV2 {
  override providePolicyStatements(): PolicyStatement[] {
    if (!this.bucket) return [];
    return [
      new PolicyStatement({
        // Developer Guide, "IAM policies for Distributed Map states".
        actions: [
          's3:PutObject',
          's3:GetObject',
          's3:ListMultipartUploadParts',
          's3:AbortMultipartUpload',
        ],
        resources: [this.bucket.arnForObjects(MAP_RESULTS)],
      }),
    ];
  }
}
