/** How wide the parts of a bar are. */

/** Whatever there is shows: as wide as this at least, in per cent. */
const NARROWEST = 2;

/** Per cent of the bar for each count; what is too narrow to be seen takes its width from the widest. */
export function widthsOf(counts: readonly number[], total: number): number[] {
  const widths = counts.map((count) =>
    count === 0 || total === 0 ? 0 : Math.max(NARROWEST, (count / total) * 100),
  );
  const beyond = widths.reduce((sum, width) => sum + width, 0) - 100;
  const widest = Math.max(...widths);
  return beyond <= 0 ? widths : widths.with(widths.indexOf(widest), widest - beyond);
}
