/** The step of the delivery workflow: one attempt to deliver an event to a webhook. */
import { SendingSchema, SentSchema } from '../../shared/schemas/workflow.ts';
import { sendWebhook } from '../../shared/webhooks/sendWebhook.ts';
import { openSecrets } from '../runtime/ports/secrets.ts';
import { openTable } from '../runtime/ports/table.ts';
import { openWeb } from '../runtime/ports/web.ts';
import { ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

const ports = { ...ownPorts(), table: openTable(), secrets: openSecrets(), web: openWeb() };

export const handler = step({ ports, input: SendingSchema, output: SentSchema, run: sendWebhook });
