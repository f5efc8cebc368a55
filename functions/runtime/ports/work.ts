/** What the steps have that work on rows: table and bucket, and whoever is told of what happens. */
import { ownPorts } from '../ports.ts';
import { openConnections } from './connections.ts';
import { openDeliveries } from './deliveries.ts';
import { openObjects } from './objects.ts';
import { openTable } from './table.ts';

export const openWork = () => ({
  ...ownPorts(),
  table: openTable(),
  objects: openObjects(),
  connections: openConnections(),
  workflow: openDeliveries(),
});
