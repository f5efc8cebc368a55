/** The Secrets Manager API of the services endpoint. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../iam/access.ts';
import { answerJson, answerJsonError, receiveJsonCall, ServiceError } from '../net/jsonService.ts';
import { OPERATIONS } from './operations.ts';
import type { SecretValues } from './secretValues.ts';

/** How X-Amz-Target begins (Secrets Manager API reference, "GetSecretValue"). */
export const TARGET_PREFIX = 'secretsmanager.';

/** @returns answers one request; never rejects */
export function createSecretsEndpoint(secrets: SecretValues, access: Access) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { accessKeyId, operation, input } = await receiveJsonCall(
        request,
        access,
        'secretsmanager',
      );
      const run = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
      if (!run) {
        throw new ServiceError('UnknownOperationException', `${operation} is not emulated.`);
      }
      answerJson(response, 200, run({ secrets, access, accessKeyId, input }));
    } catch (error) {
      answerJsonError(response, error);
    }
  };
}
