/** Items that are changed as a whole: each write raises `version`, and holds only where nobody wrote since. */
import type { Condition } from './ports.ts';

/** Holds while the item is in the version in which it was seen; 0 is none that was written. */
export const inVersion = ({ version }: { readonly version: number }): Condition =>
  version === 0 ? { absent: 'version' } : { attribute: 'version', is: '=', value: version };
