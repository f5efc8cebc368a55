/** The Secrets Manager API of the services endpoint: what reads a secret, and nothing that changes one. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Access } from '../iam/access.ts';
import {
  answerJson,
  answerJsonError,
  receiveJsonCall,
  requirePermission,
  ServiceError,
} from '../net/jsonService.ts';
import type { SecretValues } from './secretValues.ts';

/** How X-Amz-Target begins (Secrets Manager API reference, "GetSecretValue"). */
export const TARGET_PREFIX = 'secretsmanager.';
const CURRENT = 'AWSCURRENT';

const InputSchema = z.object({
  /** ARN or name. */
  SecretId: z.string(),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});

/** @returns answers one request; never rejects */
export function createSecretsEndpoint(secrets: SecretValues, access: Access) {
  function find(input: unknown) {
    const parsed = InputSchema.safeParse(input);
    if (!parsed.success) {
      throw new ServiceError('InvalidParameterException', 'SecretId must be a text.');
    }
    const { SecretId: id, VersionId, VersionStage = CURRENT } = parsed.data;
    const secret = [...secrets.values()].find(({ arn, name }) => arn === id || name === id);
    const isVersion =
      VersionStage === CURRENT && (VersionId === undefined || VersionId === secret?.versionId);
    return { id, secret: isVersion ? secret : undefined };
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { accessKeyId, operation, input } = await receiveJsonCall(
        request,
        access,
        'secretsmanager',
      );
      if (operation !== 'GetSecretValue') {
        throw new ServiceError('UnknownOperationException', `${operation} is not emulated.`);
      }
      const { id, secret } = find(input);
      // As in AWS, whoever may not read it does not learn whether it is there.
      requirePermission(access, accessKeyId, 'secretsmanager:GetSecretValue', secret?.arn ?? id);
      if (!secret) {
        throw new ServiceError(
          'ResourceNotFoundException',
          "Secrets Manager can't find the specified secret.",
        );
      }
      answerJson(response, 200, {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: secret.versionId,
        SecretString: secret.value,
        VersionStages: [CURRENT],
        CreatedDate: secret.createdAt,
      });
    } catch (error) {
      answerJsonError(response, error);
    }
  };
}
