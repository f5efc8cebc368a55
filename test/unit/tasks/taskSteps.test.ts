/** docs/architecture.md draws the steps that there are. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TASK_STEPS, type TaskStep } from '../../../shared/tasks/taskSteps.ts';

const page = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');
const [, picture = ''] = /```\n([\s\S]*?)```/.exec(page) ?? [];
const lines = picture.split('\n');
const at = lines.findIndex((line) => line.includes(TASK_STEPS[0].name));
const drawn = lines[at] ?? '';
const steps: readonly TaskStep[] = TASK_STEPS;

/** The step whose name a sign stands below. */
const stepAbove = (column: number) =>
  steps.find(({ name }) => {
    const begin = drawn.indexOf(name);
    return begin >= 0 && column >= begin && column < begin + name.length;
  })?.name;

describe('the picture of the steps', () => {
  it('has their names in their order', () => {
    const names = drawn.match(/\b[A-Z]\w*[a-z][A-Z]\w*/g);
    expect(names).toEqual(steps.map(({ name }) => name));
    expect(drawn.match(/\w ► \w/g)).toHaveLength(steps.length - 1);
  });

  it('has the way back from where it begins to where it leads', () => {
    const below = lines.slice(at + 1);
    const corner = below.find((line) => line.includes('┘')) ?? '';
    const ways = steps.filter(({ backTo }) => backTo !== undefined);
    expect(ways).toHaveLength(1);
    expect({
      name: stepAbove(corner.indexOf('┘')),
      backTo: stepAbove(corner.indexOf('└')),
    }).toEqual({
      name: ways[0]?.name,
      backTo: ways[0]?.backTo,
    });
    expect(below[0]?.indexOf('▲')).toBe(corner.indexOf('└'));
  });
});
