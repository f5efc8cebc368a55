import { describe, expect, it } from 'vitest';
import { CreateTaskSchema, OrderBodySchema } from '../../../../shared/schemas/taskApi.ts';
import { hrefOf, parseRoute } from '../../../../web/app/address.ts';
import { mapOf, orderOf, paramsOf, readDraft, taskOf } from '../../../../web/pages/wizard/draft.ts';

const TEMPLATE = 'tpl_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
const DATA = 'ds_01JDA4V5P0W8QZ6Y3M2T7R9KXC';
const draftAt = (address: string) => readDraft(parseRoute(address));
const WHOLE = {
  template: TEMPLATE,
  data: DATA,
  map: mapOf({ 'Na{me}': 'Full & name' }),
  missing: 'error',
  name: 'Letters <img>',
  file: '{name}/{row}',
  concurrency: 20,
  mode: 'sequential',
  failed: 'stop',
  faulty: 'strict',
  blank: 'remove',
  rows: '1-5',
  group: 'customer',
  days: 30,
  when: 'later',
  at: '2099-01-01T08:00',
  webhook: 'https://example.com/hook',
} as const;

describe('the order in the address', () => {
  it('comes back as it was, whatever the texts hold', () => {
    const address = hrefOf(['new'], paramsOf(WHOLE));
    expect(draftAt(address)).toMatchObject(WHOLE);
    expect(draftAt(address).check).toBeUndefined();
  });

  it('says nothing of what is as usual, and takes what it cannot read for that', () => {
    expect(hrefOf(['new'], paramsOf({ missing: 'empty', mode: 'parallel', days: 7 }))).toBe(
      '#/new',
    );
    const odd = draftAt('#/new?step=nowhere&days=many&mode=odd&map=[');
    expect(odd).toMatchObject({ step: 'template', days: 7, mode: 'parallel' });
    expect(orderOf(odd).options).toEqual({});
  });

  it('has no ids that are none, and no numbers beyond what is taken', () => {
    const odd = draftAt(`#/new?template=constructor&data=..&check=${DATA}&samples=<img>&days=0`);
    expect(odd).toMatchObject({ template: undefined, data: undefined, days: 7 });
    expect(odd).toMatchObject({ check: undefined, samples: undefined });
    expect(draftAt('#/new?concurrency=1000000').concurrency).toBe(10);
  });

  it('gives up what was found out about another order', () => {
    const found = { check: undefined, samples: undefined };
    expect(paramsOf({ missing: 'error' })).toMatchObject(found);
    for (const change of [{ rows: '3' }, { group: 'city' }]) {
      expect(paramsOf(change)).toMatchObject(found);
    }
    expect(paramsOf({ data: DATA })).toMatchObject({
      ...found,
      map: undefined,
      group: undefined,
    });
    for (const change of [{ name: 'a' }, { concurrency: 3 }, { step: 'data' }] as const) {
      expect(paramsOf(change)).not.toHaveProperty('check');
    }
  });

  it('is what the service takes', () => {
    const draft = draftAt(hrefOf(['new'], paramsOf(WHOLE)));
    expect(OrderBodySchema.parse(orderOf(draft)).options.mapping).toEqual({
      'Na{me}': 'Full & name',
    });
    const { webhook: webhookUrl, name, file: fileName, mode } = WHOLE;
    expect(CreateTaskSchema.parse(taskOf(draft))).toMatchObject({
      webhookUrl,
      name,
      fileName,
      mode,
      autoStart: false,
      startAt: new Date(WHOLE.at).toISOString(),
      options: {
        concurrency: 20,
        onError: 'stop',
        check: 'strict',
        retentionDays: 30,
        missingValue: 'error',
        emptyParagraphs: 'remove',
        rows: '1-5',
        groupBy: 'customer',
      },
    });
    const plain = draftAt(`#/new?template=${TEMPLATE}&data=${DATA}`);
    expect(taskOf(plain)).toEqual({
      templateIds: [TEMPLATE],
      dataSourceId: DATA,
      options: {},
      autoStart: true,
    });
    expect(taskOf({ ...plain, when: 'never' })).not.toHaveProperty('autoStart');
  });
});
