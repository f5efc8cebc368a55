/** The client of Step Functions. */
import { SFNClient } from '@aws-sdk/client-sfn';
import { COMMON } from './common.ts';

export const createStepFunctionsClient = () => new SFNClient(COMMON);
