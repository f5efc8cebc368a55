/** Called by CloudFormation when the stack is deployed: puts the console's files into their bucket. */
import * as z from 'zod';
import { publishConsole, withdrawConsole } from '../../shared/console/publish.ts';
import { customResource } from '../runtime/customResource.ts';
import { openConsole } from '../runtime/ports/console.ts';
import { ownPorts } from '../runtime/ports.ts';

const ports = { ...ownPorts(), ...openConsole() };

export const handler = customResource({
  ports,
  id: 'console',
  properties: z.object({ ApiUrl: z.url() }),
  put: (own, { ApiUrl }) => publishConsole(own, ApiUrl),
  remove: withdrawConsole,
});
