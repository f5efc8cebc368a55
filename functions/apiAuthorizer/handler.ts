/** Authorizer of the HTTPS API: whose API key is it? */
import { findOwner } from '../../shared/access/apiKeys.ts';
import { keyAuthorizer } from '../runtime/authorizer.ts';
import { openTable } from '../runtime/ports/table.ts';
import { ownPorts } from '../runtime/ports.ts';

const ports = { ...ownPorts(), table: openTable() };

export const handler = keyAuthorizer(ports, findOwner);
