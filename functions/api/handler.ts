/** The HTTPS API: all routes in one function, so that one warm instance answers them all. */
import { http } from '../runtime/http.ts';
import { readEgressRules, readServiceEgressRules, readStreamUrls } from '../runtime/environment.ts';
import { openConnections } from '../runtime/ports/connections.ts';
import { openConnectionSecrets } from '../runtime/ports/connectionSecrets.ts';
import { openObjects } from '../runtime/ports/objects.ts';
import { openSecrets } from '../runtime/ports/secrets.ts';
import { openTable } from '../runtime/ports/table.ts';
import { openWorkflow } from '../runtime/ports/workflow.ts';
import { ownPorts } from '../runtime/ports.ts';
import { createApp } from './app.ts';
import { routes } from './routes/index.ts';

const ports = {
  ...ownPorts(),
  table: openTable(),
  objects: openObjects(),
  connections: openConnections(),
  workflow: openWorkflow('task', 'ingest', 'trial', 'schedule', 'delivery'),
  secrets: openSecrets(),
  connectionSecrets: openConnectionSecrets(),
  egress: readEgressRules(),
  serviceEgress: readServiceEgressRules(),
  ...readStreamUrls(),
};

export const handler = http(ports, createApp(ports, routes));
