import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { METRICS, METRICS_NAMESPACE } from '../../shared/names.ts';
import { synthesize } from './support.ts';

const template = synthesize();
const BodySchema = z.object({
  DashboardBody: z.object({ 'Fn::Join': z.tuple([z.string(), z.array(z.unknown())]) }),
});
const WidgetsSchema = z.object({
  widgets: z.array(
    z.object({
      type: z.string(),
      x: z.int(),
      width: z.int(),
      properties: z.looseObject({
        title: z.string().optional(),
        metrics: z.array(z.array(z.unknown())).optional(),
        alarms: z.array(z.string()).optional(),
      }),
    }),
  ),
});

/** Its widgets; what only CloudFormation knows is the resource's name. */
function widgets() {
  const [resource, ...others] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  expect(others).toEqual([]);
  const [, parts] = BodySchema.parse(resource?.['Properties']).DashboardBody['Fn::Join'];
  const nameOf = (part: unknown) =>
    typeof part === 'string'
      ? part
      : JSON.stringify(part)
          .replace(/[^\w]+/g, ' ')
          .trim();
  return WidgetsSchema.parse(JSON.parse(parts.map(nameOf).join(''))).widgets;
}

describe('the dashboard', () => {
  it('shows every metric that the functions publish', () => {
    const shown = widgets()
      .flatMap(({ properties }) => properties.metrics ?? [])
      .filter(([namespace]) => namespace === METRICS_NAMESPACE)
      .map(([, name]) => name);
    const published = Object.values(METRICS).filter((name) => name !== METRICS.archiveBytes);
    expect(shown.toSorted()).toEqual(published.toSorted());
  });

  it('shows every alarm', () => {
    const [shown = []] = widgets().flatMap(({ properties }) =>
      properties.alarms ? [properties.alarms] : [],
    );
    const alarms = Object.keys(template.findResources('AWS::CloudWatch::Alarm'));
    expect(shown).toHaveLength(alarms.length);
    for (const alarm of alarms) expect(shown.join()).toContain(alarm);
  });

  it('has graphs that the page for operators explains, each by its title, and no other', () => {
    const page = readFileSync('docs/operations.md', 'utf8');
    const [, section = ''] = /^### The dashboard\n(.*?)^##/ms.exec(page) ?? [];
    const explained = [...section.matchAll(/^\| ([^|]+?) \| /gm)].map(([, title]) => title);
    const graphs = widgets().flatMap(({ type, properties: { title } }) =>
      type === 'metric' && title !== undefined ? [title] : [],
    );
    expect(explained).toEqual(['graph', ...graphs]);
  });

  it('fits the grid', () => {
    for (const { x, width } of widgets()) expect(x + width).toBeLessThanOrEqual(24);
  });
});
