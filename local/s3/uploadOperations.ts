/** Operations of multipart uploads. */
import { listParts } from './listings.ts';
import { needs, needsOfCopy, type Operation, tagAndTime, xmlReply } from './operation.ts';
import { receiveBody, receiveText } from './receiveBody.ts';
import { S3Error } from './errors.ts';
import {
  copySource,
  copySourceRange,
  type S3Request,
  storedHeaders,
  text,
  writeConditions,
} from './request.ts';
import {
  abortUpload,
  addCopiedPart,
  addPart,
  beginUpload,
  checkPartNumber,
  completeUpload,
  getUpload,
  type NamedPart,
} from './uploads.ts';
import { textsOf } from './xml.ts';

export const createMultipartUpload: Operation = {
  name: 'CreateMultipartUpload',
  parameters: ['uploads'],
  needs: needs('s3:PutObject'),
  run(storage, request) {
    const { bucket, key, headers } = request;
    const uploadId = beginUpload(storage, { bucket, key }, storedHeaders(headers));
    return xmlReply('InitiateMultipartUploadResult', {
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
    });
  },
};

export const uploadPart: Operation = {
  name: 'UploadPart',
  parameters: ['partNumber', 'uploadId'],
  needs: needs('s3:PutObject'),
  async run(storage, request, { seed }) {
    const { uploadId, partNumber } = partOf(request);
    // Before the body is taken in; again behind it, because the upload may end meanwhile.
    getUpload(storage, request, uploadId);
    const received = await receiveBody(request, seed, storage.contents);
    const { etag } = await addPart(storage, request, uploadId, partNumber, received);
    return { status: 200, headers: { ...received.checksums, etag: `"${etag}"` } };
  },
};

export const uploadPartCopy: Operation = {
  name: 'UploadPartCopy',
  parameters: ['partNumber', 'uploadId'],
  needs: needsOfCopy,
  async run(storage, request) {
    const { uploadId, partNumber } = partOf(request);
    const source = copySource(request.headers);
    const range = copySourceRange(request.headers);
    const part = await addCopiedPart(storage, request, uploadId, partNumber, source, range);
    return xmlReply('CopyPartResult', tagAndTime(part));
  },
};

export const completeMultipartUpload: Operation = {
  name: 'CompleteMultipartUpload',
  parameters: ['uploadId'],
  needs: needs('s3:PutObject'),
  async run(storage, request, { seed }) {
    const { bucket, key, headers } = request;
    const parts = parseParts(await receiveText(request, seed));
    const conditions = writeConditions(headers);
    const object = await completeUpload(storage, request, uploadOf(request), parts, conditions);
    return xmlReply('CompleteMultipartUploadResult', {
      Location: `http://${text(headers, 'host')}/${bucket}/${encodeURI(key)}`,
      Bucket: bucket,
      Key: key,
      ETag: `"${object.etag}"`,
    });
  },
};

export const abortMultipartUpload: Operation = {
  name: 'AbortMultipartUpload',
  parameters: ['uploadId'],
  needs: needs('s3:AbortMultipartUpload'),
  async run(storage, request) {
    await abortUpload(storage, request, uploadOf(request));
    return { status: 204 };
  },
};

export const listPartsOperation: Operation = {
  name: 'ListParts',
  parameters: ['uploadId', 'max-parts', 'part-number-marker'],
  needs: needs('s3:ListMultipartUploadParts'),
  run: (storage, request) =>
    xmlReply(
      'ListPartsResult',
      listParts(getUpload(storage, request, uploadOf(request)), request.query),
    ),
};

function parseParts(xml: string): NamedPart[] {
  return [...xml.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([part]) => {
    const [partNumber] = textsOf(part, 'PartNumber');
    const [etag] = textsOf(part, 'ETag');
    if (partNumber === undefined || etag === undefined) {
      throw new S3Error('MalformedXML', 'A part needs its PartNumber and its ETag.');
    }
    return { partNumber: Number(partNumber), etag: etag.replaceAll('"', '') };
  });
}

const uploadOf = ({ query }: S3Request) => query.get('uploadId') ?? '';

function partOf(request: S3Request) {
  const partNumber = Number(request.query.get('partNumber'));
  checkPartNumber(partNumber);
  return { uploadId: uploadOf(request), partNumber };
}
