/** The Step Functions API of the services endpoint: signatures and permissions before the engine. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from '../iam/access.ts';
import { answerJsonError, receiveJsonCall } from '../net/jsonService.ts';
import type { WorkflowEngine } from './engine.ts';
import { TARGET_PREFIX } from './api/protocol.ts';

/** @returns answers one request; never rejects */
export function createStepFunctionsEndpoint(engine: WorkflowEngine, access: Access) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { accessKeyId, operation, input } = await receiveJsonCall(request, access, 'states');
      const answer = await engine.handle(
        TARGET_PREFIX + operation,
        JSON.stringify(input),
        (action, resource) => access.allows(accessKeyId, action, resource),
      );
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch (error) {
      answerJsonError(response, error);
    }
  };
}
