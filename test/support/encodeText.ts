/** Texts in encodings that the platform only decodes: its decoder turned round, of one and two bytes. */
export function createEncoder(encoding: string): (text: string) => Buffer {
  const bytesOf = new Map<string, readonly number[]>();
  const decoder = new TextDecoder(encoding);
  for (let lead = 0x80; lead <= 0xff; lead++) {
    const single = decoder.decode(Uint8Array.of(lead));
    if (single.length === 1 && single !== '\ufffd') bytesOf.set(single, [lead]);
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      const pair = decoder.decode(Uint8Array.of(lead, trail));
      if (pair.length !== 1 || pair === '\ufffd' || bytesOf.has(pair)) continue;
      bytesOf.set(pair, [lead, trail]);
    }
  }
  return (text) =>
    Buffer.from(
      Array.from(text).flatMap((character) => {
        if (character < '\u0080') return [character.charCodeAt(0)];
        const bytes = bytesOf.get(character);
        if (!bytes) throw new Error(`${encoding} has no ${character}.`);
        return bytes;
      }),
    );
}
