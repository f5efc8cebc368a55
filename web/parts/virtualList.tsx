/** A table of any length, of which only the rows in view are drawn. Rows have one height. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Rows that are drawn beyond the edge, each way: enough for one turn of a wheel. */
const BEYOND = 8;

export interface Column {
  readonly key: string;
  readonly head: ComponentChildren;
}

export function VirtualTable({
  label,
  columns,
  count,
  rowHeight,
  row,
  onNearEnd,
  className,
}: {
  readonly label: string;
  readonly columns: readonly Column[];
  readonly count: number;
  /** In pixels. */
  readonly rowHeight: number;
  /** The cells of a row, one for each column. */
  readonly row: (index: number) => {
    readonly key: string;
    readonly cells: readonly ComponentChildren[];
    readonly isMarked?: boolean;
  };
  /** Called when the last rows come into view. */
  readonly onNearEnd?: () => void;
  readonly className: string;
}): JSX.Element {
  const body = useRef<HTMLDivElement>(null);
  const [[first, last], setRange] = useState<readonly [number, number]>([0, 40]);
  useEffect(() => {
    const measure = () => {
      if (!body.current) return;
      const top = -body.current.getBoundingClientRect().top;
      const from = Math.max(0, Math.floor(top / rowHeight) - BEYOND);
      const to = Math.ceil((top + innerHeight) / rowHeight) + BEYOND;
      setRange((before) => (before[0] === from && before[1] === to ? before : [from, to]));
    };
    measure();
    addEventListener('scroll', measure, { passive: true });
    addEventListener('resize', measure);
    return () => {
      removeEventListener('scroll', measure);
      removeEventListener('resize', measure);
    };
  }, [rowHeight]);
  const end = Math.min(count, last);
  useEffect(() => {
    if (last >= count) onNearEnd?.();
  }, [last >= count, count]);
  const indices = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  return (
    <div class={`table ${className}`} role="table" aria-label={label} aria-rowcount={count + 1}>
      <div role="rowgroup" class="table-head">
        <div role="row" aria-rowindex={1}>
          {columns.map(({ key, head }) => (
            <div key={key} role="columnheader" class={`cell ${key}`}>
              {head}
            </div>
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        class="table-body"
        ref={body}
        // Through CSSOM, which the policy allows.
        style={{ height: `${count * rowHeight}px` }}
      >
        {indices.map((index) => {
          const { key, cells, isMarked = false } = row(index);
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              class={isMarked ? 'marked' : undefined}
              style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
            >
              {cells.map((cell, i) => (
                <div key={columns[i]?.key} role="cell" class={`cell ${columns[i]?.key}`}>
                  {cell}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
