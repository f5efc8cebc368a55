/**
 * The CDK app: synthesizes the one stack. No account, network or Docker is needed.
 * `npx cdk deploy` runs it, and so does the local cloud, which then runs the template.
 */
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import cdkJson from '../cdk.json' with { type: 'json' };
import { bundledFunctions } from './functions/bundle.ts';
import { readSettings } from './settings.ts';
import { SheafStack } from './sheafStack.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const app = new App({
  // Read here too, so that the feature flags hold when no CDK command line hands them over.
  context: cdkJson.context,
  analyticsReporting: false,
  // test/infra/template.test.ts runs it; here it would cost 3 s and 300 MB at every start.
  builtinCloudFormationValidation: false,
});

new SheafStack(app, 'Sheaf', { ...readSettings(app.node), code: await bundledFunctions(root) });

app.synth();
