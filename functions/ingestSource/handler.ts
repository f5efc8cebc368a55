/** The ingest workflow's step: reads an uploaded table into rows. */
import * as z from 'zod';
import { ingestSource } from '../../shared/dataSources/ingestSource.ts';
import { IngestRunSchema } from '../../shared/schemas/workflow.ts';
import { openObjects } from '../runtime/ports/objects.ts';
import { openTable } from '../runtime/ports/table.ts';
import { ownPorts } from '../runtime/ports.ts';
import { step } from '../runtime/step.ts';

const ports = { ...ownPorts(), table: openTable(), objects: openObjects() };

export const handler = step({ ports, input: IngestRunSchema, output: z.void(), run: ingestSource });
