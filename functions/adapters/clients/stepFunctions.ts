/** Step Functions (API reference, "Actions"). */
import { createJsonService, type JsonService, type ServicePlace } from './jsonService.ts';

export const createStepFunctionsClient = (placeOf: () => ServicePlace): JsonService =>
  createJsonService({ service: 'states', target: 'AWSStepFunctions', version: '1.0' }, placeOf);
