import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { App, Stack } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { readSettings } from '../../infra/settings.ts';
import { SheafStack } from '../../infra/sheafStack.ts';
import { IntrinsicSchema, spell, synthesize } from './support.ts';

const require = createRequire(import.meta.url);

const ReportSchema = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(
        z.object({ violatingConstructs: z.array(z.object({ constructPath: z.string() })) }),
      ),
    }),
  ),
});

/**
 * The template as people review it: references spelled out, definitions of state machines as objects.
 * The code of functions is a comment, so no hash of a bundle is in it.
 */
function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized);
  if (typeof value !== 'object' || value === null) return value;
  if (IntrinsicSchema.safeParse(value).success) return unfolded(spell(value));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normalized(inner)]));
}

const unfolded = (text: string): unknown => (text.startsWith('{') ? JSON.parse(text) : text);

describe('the template', () => {
  it('is the one that was reviewed', async () => {
    const text = JSON.stringify(normalized(synthesize().toJSON()), null, 2);
    await expect(`${text}\n`).toMatchFileSnapshot('template.snap');
  });

  it('tells where everything is', () => {
    const outputs = Object.keys(synthesize().findOutputs('*'));
    expect(outputs.sort()).toEqual([
      'ApiUrl',
      'BucketName',
      'ConsoleUrl',
      'EventsUrl',
      'IngestStateMachineArn',
      'StateMachineArn',
      'TableName',
      'WebSocketUrl',
    ]);
  });

  it('holds nothing of the account, region or machine that synthesized it', () => {
    const text = JSON.stringify(synthesize().toJSON());
    expect(text).not.toMatch(/\d{12}/);
    expect(text).not.toContain(process.cwd());
  });
});

describe("CDK's own check of CloudFormation properties", () => {
  const folder = mkdtempSync(join(tmpdir(), 'sheaf-template-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds nothing in the stack, but the fault in one beside it', () => {
    const app = new App({
      context: cdkJson.context,
      analyticsReporting: false,
      outdir: folder,
      builtinCloudFormationValidation: true,
    });
    new SheafStack(app, 'Sheaf', {
      ...readSettings(app.node),
      code: () => Code.fromInline('//'),
      consoleDigest: 'digest',
    });
    // It lacks the ownership control that an access control list needs.
    new CfnBucket(new Stack(app, 'Careless'), 'Bucket', { accessControl: 'PublicRead' });
    expect(() => app.synth()).toThrow('Careless/Bucket');

    const text = readFileSync(join(folder, 'validation-report.json'), 'utf8');
    const findings = ReportSchema.parse(JSON.parse(text)).pluginReports.flatMap((report) =>
      report.violations.flatMap(({ violatingConstructs }) => violatingConstructs),
    );
    expect(new Set(findings.map(({ constructPath }) => constructPath))).toEqual(
      new Set(['Careless/Bucket']),
    );
  });
});

describe('cdk.json', () => {
  it('sets every feature flag that the library recommends', () => {
    const recommended = z
      .record(z.string(), z.unknown())
      .parse(require('aws-cdk-lib/recommended-feature-flags.json'));
    expect(cdkJson.context).toMatchObject(recommended);
  });

  it('calls nobody', () => {
    expect(cdkJson).toMatchObject({ versionReporting: false, notices: false });
    expect(cdkJson.context['cli-telemetry']).toBe(false);
  });
});
