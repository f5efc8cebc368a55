/** Answers of services that call back. */
import type { callbackRoutes } from '../../../shared/api/callbacks.ts';
import { takeCallback } from '../../../shared/callbacks/takeCallback.ts';
import type { Handlers } from '../route.ts';

export const callbackHandlers: Handlers<typeof callbackRoutes> = {
  async takeCallback(ports, { params, body }) {
    await takeCallback(ports, params.callback, body);
    return { data: { status: 'taken' } };
  },
};
