/** The contract and what answers it belong together: what does not fit does not compile. */
import { describe, expect, it } from 'vitest';
import { implement, type Handlers } from '../../../functions/api/route.ts';
import { routes } from '../../../functions/api/routes/index.ts';
import { contract } from '../../../shared/api/contract.ts';
import { fillPath, linkTo, taskPaths } from '../../../shared/api/paths.ts';

const { getHealth } = contract;
type Some = Pick<typeof contract, 'getHealth' | 'countActiveTasks'>;
const health: Handlers<{ getHealth: typeof getHealth }> = {
  getHealth: async () => ({ data: { status: 'ok', version: '1' } }),
};

// The type check is the test: each line below must be an error.
const wrong: Handlers<Some>[] = [
  // @ts-expect-error: a route without a handler
  { ...health },
  // @ts-expect-error: an answer of another shape
  { ...health, countActiveTasks: async () => ({ data: { activeTasks: 'many' } }) },
  // @ts-expect-error: an answer that the route does not have
  { ...health, countActiveTasks: async () => ({ data: [], nextCursor: null }) },
  {
    ...health,
    countActiveTasks: async () => ({ data: { activeTasks: 1 } }),
    // @ts-expect-error: a handler of no route
    countIdleTasks: async () => ({ data: { activeTasks: 1 } }),
  },
];

describe('the contract', () => {
  it('is implemented route by route', () => {
    expect(wrong).toHaveLength(4);
    expect(routes.map(({ operationId }) => operationId)).toEqual(Object.keys(contract));
    const [route] = implement({ getHealth }, health);
    expect(route).toMatchObject({ operationId: 'getHealth', path: '/health', method: 'GET' });
  });

  it('has no name twice among the path and query of a route, nor "body"', () => {
    for (const [operationId, route] of Object.entries(contract)) {
      const names = [
        'params' in route && route.params.schema.shape,
        'query' in route && route.query.shape,
      ];
      const all = ['body', ...names.flatMap((shape) => Object.keys(shape || {}))];
      expect([operationId, all]).toEqual([operationId, [...new Set(all)]]);
    }
  });
});

describe('paths', () => {
  it('are filled in, and need every parameter', () => {
    expect(fillPath('/a/{b}/c/{d}', { b: 'x/y z', d: 7 })).toBe('/a/x%2Fy%20z/c/7');
    expect(linkTo(taskPaths.start, { taskId: 't' })).toBe('/api/v2/batch/tasks/t/start');
    expect(() => fillPath('/a/{b}', { c: 1 })).toThrow('needs the parameter b');
  });
});
