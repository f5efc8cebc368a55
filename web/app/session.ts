/**
 * The API key: in the tab, unless somebody asks to be remembered. It may come behind the # of a link, which
 * browsers send to nobody, and is taken out of the address before anything else happens.
 */
import { store, stored } from './stored.ts';

const NAME = 'sheaf.key';
const IN_ADDRESS = /^#key=([^&]+)$/;

export interface Session {
  readonly apiKey: string;
  readonly isRemembered: boolean;
}

/** Takes the key out of the address, if there is one. */
export function takeKeyFromAddress(): void {
  const [, key] = IN_ADDRESS.exec(location.hash) ?? [];
  if (key === undefined) return;
  history.replaceState(null, '', location.pathname);
  try {
    startSession(decodeURIComponent(key), false);
  } catch {
    // Not percent-encoded as it should be: no key.
  }
}

export function currentSession(): Session | undefined {
  const ofTab = stored('tab', NAME);
  if (ofTab !== undefined) {
    return { apiKey: ofTab, isRemembered: stored('computer', NAME) === ofTab };
  }
  const kept = stored('computer', NAME);
  return kept === undefined ? undefined : { apiKey: kept, isRemembered: true };
}

export function startSession(apiKey: string, isRemembered: boolean): Session {
  store('tab', NAME, apiKey);
  if (isRemembered) store('computer', NAME, apiKey);
  return { apiKey, isRemembered };
}

export function endSession(): void {
  store('tab', NAME, undefined);
  store('computer', NAME, undefined);
}
