/** Which operation of S3 a request is. */
import {
  copyObjectOperation,
  deleteObjectOperation,
  getObjectOperation,
  headObjectOperation,
  listBucketsOperation,
  listObjectsV2,
  putObjectOperation,
} from './objectOperations.ts';
import type { Operation } from './operation.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listPartsOperation,
  uploadPart,
  uploadPartCopy,
} from './uploadOperations.ts';

/** @throws S3Error NotImplemented */
export function operationOf(request: S3Request): Operation {
  const operation = request.key === '' ? ofBucket(request) : ofObject(request);
  if (operation) return operation;
  throw new S3Error('NotImplemented', `${request.method} of this kind is not emulated.`);
}

function ofBucket({ method, bucket, query }: S3Request): Operation | undefined {
  if (method !== 'GET') return undefined;
  if (bucket === '') return listBucketsOperation;
  return query.get('list-type') === '2' ? listObjectsV2 : undefined;
}

function ofObject({ method, query, headers }: S3Request): Operation | undefined {
  const copies = headers['x-amz-copy-source'] !== undefined;
  const inUpload = query.has('uploadId');
  switch (method) {
    case 'GET':
      return inUpload ? listPartsOperation : getObjectOperation;
    case 'HEAD':
      return headObjectOperation;
    case 'PUT':
      if (inUpload) return copies ? uploadPartCopy : uploadPart;
      return copies ? copyObjectOperation : putObjectOperation;
    case 'POST':
      if (query.has('uploads')) return createMultipartUpload;
      return inUpload ? completeMultipartUpload : undefined;
    case 'DELETE':
      return inUpload ? abortMultipartUpload : deleteObjectOperation;
    default:
      return undefined;
  }
}
