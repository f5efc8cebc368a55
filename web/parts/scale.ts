/** Scales of charts. */

/** Top of the scale: 1, 2 or 5 times a power of ten. */
export function scaleOf(most: number): number {
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 5, 10].find((step) => most <= step * power) ?? 10) * power;
}
