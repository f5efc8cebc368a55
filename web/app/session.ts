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
  if (kept === undefined) return undefined;
  // Somebody else who signs in at another tab is not who is signed in at this one.
  store('tab', NAME, kept);
  return { apiKey: kept, isRemembered: true };
}

/** Whether a tab has ended what another one, such as this, was remembered by. */
export const isForgotten = ({ isRemembered }: Session): boolean =>
  isRemembered && stored('computer', NAME) === undefined;

export function startSession(apiKey: string, isRemembered: boolean): Session {
  store('tab', NAME, apiKey);
  if (isRemembered) store('computer', NAME, apiKey);
  return { apiKey, isRemembered };
}

export function endSession(): void {
  store('tab', NAME, undefined);
  store('computer', NAME, undefined);
}
