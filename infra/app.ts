/**
 * The CDK app: synthesizes the one stack. No account, network or Docker is needed.
 * `npx cdk deploy` runs it, and so does the local cloud, which then runs the template.
 */
import { fileURLToPath } from 'node:url';
import cdkJson from '../cdk.json' with { type: 'json' };
import { buildConsole, digestOf, writeConsole } from './console/consoleFiles.ts';
import { bundledFunctions, consoleFolder } from './functions/bundle.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

async function synthesize(): Promise<void> {
  // Before the CDK is loaded: the two together take twice the memory.
  const files = await buildConsole(root);
  const code = await bundledFunctions(root);
  writeConsole(files, consoleFolder(root));
  const { App } = await import('aws-cdk-lib');
  const { readSettings } = await import('./settings.ts');
  const { SheafStack } = await import('./sheafStack.ts');

  const app = new App({
    // Read here too, so that the feature flags hold when no CDK command line hands them over.
    context: cdkJson.context,
    analyticsReporting: false,
    // test/infra/template.test.ts runs it; here it would cost 3 s and 300 MB at every start.
    builtinCloudFormationValidation: false,
  });

  new SheafStack(app, 'Sheaf', {
    ...readSettings(app.node),
    code,
    consoleDigest: digestOf(files),
  });

  app.synth();
}

// Not awaited here: the local cloud runs this module as CommonJS, which loads the CDK with less work.
void synthesize();
