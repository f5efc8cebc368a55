/** docs/api.md says what the code does. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { routes } from '../../../functions/api/routes/index.ts';
import { MAX_BODY_BYTES, MAX_SOURCE_BYTES, UPLOAD_LINK_SECONDS } from '../../../shared/limits.ts';
import { ProblemBodySchema } from '../../../shared/api/problemSchema.ts';
import { FAILURES, PROBLEMS } from '../../../shared/problems.ts';
import { TASK_STATUSES } from '../../../shared/schemas/common.ts';
import { ReplySchema, TaskEventSchema } from '../../../shared/schemas/stream.ts';
import { CreateTaskSchema } from '../../../shared/schemas/taskApi.ts';

const guide = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');

/** The text under a heading of the second level. */
function section(title: string): string {
  const [, text = ''] = guide.split(`\n## ${title}\n`);
  return text.split('\n## ')[0] ?? '';
}

/** The cells of each row of a section's tables, headings left out. */
const rowsOf = (title: string): string[][] =>
  section(title)
    .split('\n')
    .filter((line, i, lines) => line.startsWith('|') && !/^\|-/.test(lines[i + 1] ?? '|-'))
    .filter((line) => !/^\|[-|]+\|$/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const firstCells = (title: string) => rowsOf(title).map(([cell = '']) => cell.replaceAll('`', ''));

describe('docs/api.md', () => {
  it('shows a problem as it is answered', () => {
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(section('Errors')) ?? [];
    const problem = ProblemBodySchema.strict().parse(JSON.parse(example));
    const { code, status, title, retryable } = problem;
    expect(PROBLEMS[code]).toEqual({ status, title, retryable });
  });

  it('lists the problems as the registry has them', () => {
    const registry = Object.entries(PROBLEMS).map(([code, { status, title, retryable }]) => [
      code,
      String(status),
      title,
      retryable ? 'yes' : 'no',
    ]);
    expect(rowsOf('Errors')).toEqual(registry);
  });

  it('lists why documents fail as the registry has it', () => {
    expect(rowsOf('Why a document failed')).toEqual(Object.entries(FAILURES));
  });

  it('lists every route, and no other', () => {
    const listed = [...section('Routes').matchAll(/\b(GET|POST|PUT|PATCH|DELETE) (\/[^\s|]+)/g)];
    const expected = routes.map(({ method, path }) => `${method} ${path}`);
    expect(listed.map(([route]) => route).sort()).toEqual(expected.sort());
  });

  it('tells how long an upload link is good, and that it may end before', () => {
    expect(UPLOAD_LINK_SECONDS).toBe(3600);
    expect(section('Conventions')).toMatch(
      /\*\*Upload links\*\* are good for an hour at most.*ExpiredToken/,
    );
  });

  it('tells how large a body may be, and what to do with more rows', () => {
    const text = section('Large bodies');
    expect(text).toContain(`at most ${MAX_BODY_BYTES.toLocaleString('en-US')} bytes`);
    expect(text).toContain(`which takes ${MAX_SOURCE_BYTES / 1024 ** 3} GB`);
    expect(text).toMatch(/PAYLOAD_TOO_LARGE[\s\S]*data source[\s\S]*`dataSourceId`/);
    expect(section('Limits')).toContain(`| ${MAX_BODY_BYTES / 1e6} MB |`);
  });

  it('lists every event and reply', () => {
    const types = [...ReplySchema.options, ...TaskEventSchema.options].map(
      ({ shape }) => shape.type.value,
    );
    expect(firstCells('Events').sort()).toEqual([...types].sort());
  });

  it('lists the fields of each event', () => {
    for (const { shape } of TaskEventSchema.options) {
      const row = rowsOf('Events').find(([type]) => type === `\`${shape.type.value}\``);
      const missing = Object.keys(shape.payload.shape).filter(
        (field) => !row?.[1]?.includes(`\`${field}\``),
      );
      expect([shape.type.value, missing]).toEqual([shape.type.value, []]);
    }
  });

  it('names every state of a task', () => {
    const unnamed = TASK_STATUSES.filter((status) => !section('Tasks').includes(`\`${status}\``));
    expect(unnamed).toEqual([]);
  });

  it('names only options that there are', () => {
    const named = [...section('Tasks').matchAll(/`options\.(\w+)`/g)].map(
      ([, option = '']) => option,
    );
    const options = CreateTaskSchema.shape.options.unwrap().shape;
    expect(named.filter((option) => !(option in options))).toEqual([]);
  });

  const hasBash = spawnSync('bash', ['--version']).status === 0;
  it.skipIf(!hasBash)('holds a walk-through that bash can read', () => {
    const blocks = [...section('Walk-through').matchAll(/```bash\n([\s\S]*?)```/g)];
    const script = blocks.map(([, block]) => block).join('\n');
    // Pasted into a terminal, this would close it at the first error.
    expect(script).not.toMatch(/^\s*(set -|exit\b)/m);
    expect(blocks.length).toBeGreaterThan(4);
    expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});
