/**
 * Chooses a column for a tag, or another use. With thousands of columns and many tags, the lists alone would halt the page: each is
 * filled when it is wanted.
 */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { FieldIds } from '../../parts/basics.tsx';

/** Columns that are listed at once. */
const MOST_AT_ONCE = 200;

export function ColumnSelect({
  label,
  ids,
  none,
  columns,
  chosen,
  onChoose,
}: {
  /** Said where no label is seen. */
  readonly label?: string;
  /** Of its field, where it is in one. */
  readonly ids?: FieldIds;
  /** What stands for no column. */
  readonly none: string;
  readonly columns: readonly string[];
  readonly chosen: string | undefined;
  /** @param column empty for none */
  readonly onChoose: (column: string) => void;
}): JSX.Element {
  const select = useRef<HTMLSelectElement>(null);
  const isFilled = useRef(false);
  const show = (listed: readonly string[]) => {
    const all = chosen === undefined || listed.includes(chosen) ? listed : [chosen, ...listed];
    select.current?.replaceChildren(
      new Option(none, ''),
      ...all.map((column) => new Option(column, column)),
    );
    if (select.current) select.current.value = chosen ?? '';
  };
  useLayoutEffect(() => {
    isFilled.current = columns.length <= MOST_AT_ONCE;
    show(isFilled.current ? columns : []);
  }, [columns.join('\n'), chosen, none]);
  // At once, and not with the next drawing: the browser shows the list that it finds.
  const fill = () => {
    if (isFilled.current) return;
    isFilled.current = true;
    show(columns);
  };
  return (
    <select
      ref={select}
      {...ids}
      aria-label={label}
      onPointerDown={fill}
      onFocus={fill}
      onChange={({ currentTarget }) => onChoose(currentTarget.value)}
    />
  );
}
