import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { SETTING_NAMES } from '../../infra/settings.ts';
import { FAILURES, PROBLEMS } from '../../shared/problems.ts';
import { synthesize } from './support.ts';

const operations = readFileSync('docs/operations.md', 'utf8');
const template = synthesize();

/** First cells of the tables' rows; a cell may hold several names. */
const rows = operations.split('\n').filter((line) => line.startsWith('| '));
const explained = new Set(
  rows.flatMap((row) => (row.split(' | ')[0] ?? '').match(/[\w:]+/g) ?? []),
);

const AlarmSchema = z.object({ AlarmDescription: z.string() });

describe('docs/operations.md', () => {
  it('has a section for every alarm, and for no other, where its description leads', () => {
    const [, section = ''] = /^## Alarms\n(.*?)^## /ms.exec(operations) ?? [];
    const sections = section.split(/^### /m).slice(1);
    const told = sections.map((text) => {
      const [, name, severity] = /^(\w+)\n\n\*\*(now|later)\*\* · \S/.exec(text) ?? [];
      return `[${severity}] docs/operations.md#${name?.toLowerCase()}`;
    });
    const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
    const linked = alarms.map(({ Properties }) => {
      const { AlarmDescription } = AlarmSchema.parse(Properties);
      return AlarmDescription.replace(/^(\[\w+\]) .*\. What to do: /, '$1 ');
    });
    expect(linked.length).toBeGreaterThan(0);
    expect(linked.sort()).toEqual(told.sort());
  });

  it('says what to do about every problem and every failure of a document', () => {
    const codes = [...Object.keys(PROBLEMS), ...Object.keys(FAILURES)];
    expect(codes.filter((code) => !explained.has(code))).toEqual([]);
  });

  it('tells of traces no more than what functions record', () => {
    const folder = 'functions/adapters/clients';
    const clients = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
    expect(clients.join('')).not.toContain('captureAWSv3Client');
    const [, traces = ''] = operations.replace(/\s+/g, ' ').split('- **Traces**');
    expect(traces).toMatch(/^[^*]*Calls of DynamoDB, S3 and Step Functions are no subsegments/);
    expect(traces).not.toMatch(/^[^*]* to DynamoDB and S3\./);
  });

  it('tells of every output', () => {
    const outputs = Object.keys(template.findOutputs('*'));
    expect(outputs.filter((name) => !explained.has(name))).toEqual([]);
  });

  it('tells of every setting, and of no other', () => {
    const settings = SETTING_NAMES.map((name) => `sheaf:${name}`);
    const told = [...explained].filter((name) => name.startsWith('sheaf:'));
    expect(told.sort()).toEqual([...settings].sort());
    const given = Object.keys(cdkJson.context).filter((name) => name.startsWith('sheaf:'));
    expect(settings).toEqual(expect.arrayContaining(given));
  });
});
