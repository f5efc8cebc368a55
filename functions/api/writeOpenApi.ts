/** Writes docs/openapi.json (npm run openapi); a test says when that was forgotten. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildOpenApi } from './openApi.ts';
import { routes } from './routes/index.ts';

const path = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(buildOpenApi(routes), null, 2)}\n`);
