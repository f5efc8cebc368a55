/** `npm run demo:services`: the services by themselves, to be called by whatever is tried out. */
import { once } from 'node:events';
import { interruption } from './interruption.ts';
import { LIKE_REAL_ONES, startServices } from './services.ts';

const PORT = 4010;

async function main(): Promise<void> {
  const { key } = LIKE_REAL_ONES;
  const signal = interruption();
  const services = await startServices({ ...LIKE_REAL_ONES, port: PORT });
  process.stdout.write(
    [
      `Dify      POST ${services.url}/v1/workflows/run       Authorization: Bearer ${key}`,
      `Chat      POST ${services.url}/v1/chat/completions    Authorization: Bearer ${key}`,
      `Pictures  POST ${services.url}/images                 X-Api-Key: ${key}`,
      `Counted   GET  ${services.url}/figures`,
      '',
    ].join('\n'),
  );
  if (!signal.aborted) await once(signal, 'abort');
  process.stdout.write(`${JSON.stringify(services.figures())}\n`);
  await services.stop();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
