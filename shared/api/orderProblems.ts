/** What may be wrong with an order, whatever is to be done with it (orders/takeOrder.ts). */
import type { ProblemCode } from '../problems.ts';

export const ORDER_PROBLEMS = [
  'TEMPLATE_NOT_FOUND',
  'DATA_SOURCE_NOT_FOUND',
  'INVALID_STATE',
  'TEMPLATE_INVALID',
  'DATA_INVALID',
] as const satisfies readonly ProblemCode[];
