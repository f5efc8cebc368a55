import { describe, expect, it } from 'vitest';
import { createAdmission } from '../../../../local/stepFunctions/admission.ts';

describe('createAdmission', () => {
  it('lets so many in at once, in the order of asking', async () => {
    const admit = createAdmission(2);
    const entered: number[] = [];
    const leave: (() => void)[] = [];
    const asked = [0, 1, 2, 3].map(async (i) => {
      leave[i] = await admit();
      entered.push(i);
    });
    await Promise.all(asked.slice(0, 2));
    expect(entered).toEqual([0, 1]);
    leave[1]?.();
    await asked[2];
    leave[1]?.();
    leave[0]?.();
    await asked[3];
    expect(entered).toEqual([0, 1, 2, 3]);
  });
});
