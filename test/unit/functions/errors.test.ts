import { describe, expect, it } from 'vitest';
import { describeError, withoutData } from '../../../functions/runtime/errors.ts';
import { Problem, WorkflowError } from '../../../shared/problems.ts';

/** What the engine says of a broken row: its message quotes the row. */
function quotingError(): Error {
  try {
    JSON.parse('Ada Lovelace');
  } catch (error) {
    return error as Error;
  }
  throw new Error('JSON.parse accepted it');
}

describe('withoutData', () => {
  it('keeps the name, the place and the names of the causes', () => {
    const cause = quotingError();
    const error = withoutData(new WorkflowError('LeaseLost', 'The lease is lost.', { cause }));
    expect(error.name).toBe('LeaseLost');
    expect(error.message).toBe('The lease is lost.');
    expect(error.stack).toMatch(/^LeaseLost: The lease is lost\.\n {4}at .*errors\.test\.ts/);
    expect((error.cause as Error).name).toBe('SyntaxError');
  });

  it('keeps back messages that may quote data, wherever they are', () => {
    const cause = quotingError();
    expect(cause.message).toContain('Ada');
    for (const error of [cause, new Problem('DATA_INVALID', 'Row 3 is broken.', { cause })]) {
      const { message, stack, cause: inner } = withoutData(error);
      expect(JSON.stringify([message, stack, String(inner)])).not.toContain('Ada');
      expect(JSON.stringify(describeError(error))).not.toContain('Ada');
    }
  });

  it('keeps back a message of several lines, also in the stack', () => {
    const { stack } = withoutData(new Error('marker one\n    at Ada Lovelace\nmarker two'));
    expect(stack).not.toMatch(/Ada Lovelace|marker/);
    expect(stack).toContain('errors.test.ts');
  });

  it('takes what was thrown without being an error', () => {
    expect(withoutData('Ada Lovelace')).toMatchObject({ name: 'string' });
    expect(withoutData('Ada Lovelace').message).not.toContain('Ada');
    expect(withoutData(undefined).name).toBe('undefined');
  });
});

describe('describeError', () => {
  it('tells what AWS services say, and the codes of system errors', () => {
    const denied = Object.assign(new Error('User may not write.'), { $metadata: {} });
    expect(describeError(denied).message).toBe('User may not write.');
    const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
    expect(describeError(refused)).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('ends in a ring of causes', () => {
    const ring = new Error('ring');
    ring.cause = ring;
    expect(JSON.stringify(describeError(ring)).match(/"name"/g)).toHaveLength(6);
  });
});
