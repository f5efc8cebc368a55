/** Writes docs/openapi.json and docs/problems.md (npm run openapi); tests say when that was forgotten. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contract } from '../../shared/api/contract.ts';
import { buildOpenApi } from './openApi.ts';
import { problemsPage } from './problemsPage.ts';

const docs = (name: string) => fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
writeFileSync(docs('problems.md'), problemsPage());
writeFileSync(docs('openapi.json'), `${JSON.stringify(buildOpenApi(contract), null, 2)}\n`);
