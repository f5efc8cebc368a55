/** Writes docs/openapi.json (npm run openapi); a test says when that was forgotten. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contract } from '../../shared/api/contract.ts';
import { buildOpenApi } from './openApi.ts';

const path = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(buildOpenApi(contract), null, 2)}\n`);
