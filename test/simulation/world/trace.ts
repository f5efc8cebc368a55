/** What happened, as lines that a person can read, and as a number that is the same for the same happenings. */

/** A 32-bit hash of a text, on top of another one (FNV-1a over UTF-16 units). */
function hash32(text: string, before: number): number {
  let hash = (before ^ 0x811c9dc5) | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

export interface Trace {
  note(who: string, what: string): void;
  call(number: number, who: string, what: string, about: string, fault: string | undefined): void;
  invocation(number: string, name: string, fault: string | undefined): void;
  /** Empty unless lines are kept. */
  readonly lines: readonly string[];
  /** Of everything that was noted. */
  digest(): number;
}

/** @param elapsed virtual ms since the beginning */
export function createTrace(elapsed: () => number, keepsLines: boolean): Trace {
  const lines: string[] = [];
  let digest = 0;
  const add = (line: string) => {
    digest = hash32(line, digest);
    if (keepsLines) lines.push(line);
  };
  const at = () => `${(elapsed() / 1000).toFixed(3).padStart(10)}`;
  const faultText = (fault: string | undefined) => (fault === undefined ? '' : `   !! ${fault}`);
  return {
    note: (who, what) => add(`${at()}  ${who} ${what}`),
    call: (number, who, what, about, fault) =>
      add(`${at()}  ${who}: ${what} ${about} (call ${number})${faultText(fault)}`),
    invocation: (number, name, fault) =>
      add(`${at()}  ${name} is invoked (${number})${faultText(fault)}`),
    lines,
    digest: () => digest >>> 0,
  };
}
