import { describe, expect, it } from 'vitest';
import { columnOf, readPath } from '../../../shared/tags/readPath.ts';

describe('readPath', () => {
  it('takes a whole key before a path', () => {
    expect(readPath({ 'a.b': 1, a: { b: 2 } }, 'a.b')).toBe(1);
    expect(readPath({ a: { b: 2 } }, 'a.b')).toBe(2);
    expect(readPath({ 'Nr.': 5 }, 'Nr.')).toBe(5);
  });

  it('tells absent from empty', () => {
    expect(readPath({ a: null }, 'a')).toBeNull();
    expect(readPath({}, 'a')).toBeUndefined();
    expect(readPath({ a: null }, 'a.b')).toBeUndefined();
    expect(readPath('text', 'length')).toBeUndefined();
  });

  it('never leaves own properties', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'a.constructor', 'a.__proto__.b']) {
      expect(readPath({ a: {} }, name), name).toBeUndefined();
    }
    expect(readPath(JSON.parse('{"__proto__": 1}'), '__proto__')).toBe(1);
    expect(readPath({ a: () => 1 }, 'a')).toBeUndefined();
  });
});

describe('columnOf', () => {
  const row = {
    list: [{ sub: [{}, {}], group: { x: null } }, {}],
    yes: true,
    group: { deep: { x: 1 } },
  };
  const item = row.list[0];

  it('is the name itself in the row', () => {
    expect(columnOf('a.b', { sections: [], items: [], scopes: [row] })).toBe('a.b');
  });

  it('counts items of lists from 1, and goes into objects', () => {
    expect(columnOf('x', { sections: ['list'], items: [1], scopes: [row, row.list[1]] })).toBe(
      'list[2].x',
    );
    expect(
      columnOf('y', { sections: ['group.deep'], items: [0], scopes: [row, row.group.deep] }),
    ).toBe('group.deep.y');
    expect(
      columnOf('y', {
        sections: ['list', 'sub'],
        items: [0, 1],
        scopes: [row, item, item?.sub?.[1]],
      }),
    ).toBe('list[1].sub[2].y');
    expect(columnOf('.', { sections: ['list'], items: [0], scopes: [row, item] })).toBe('list[1]');
  });

  it('stays where it is in a condition', () => {
    expect(columnOf('a', { sections: ['yes'], items: [0], scopes: [row, row] })).toBe('a');
  });

  it('names the scope that holds the key, though without a value', () => {
    const trail = { sections: ['list', 'group'], items: [0, 0], scopes: [row, item, item?.group] };
    expect(columnOf('x', trail)).toBe('list[1].group.x');
    expect(columnOf('yes', trail)).toBe('yes');
    expect(columnOf('sub', trail)).toBe('list[1].sub');
  });
});
