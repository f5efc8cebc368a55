/** A 32-bit hash of a text, on top of another one (FNV-1a over UTF-16 units). */
export function hash32(text: string, before = 0): number {
  let hash = (before ^ 0x811c9dc5) | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
