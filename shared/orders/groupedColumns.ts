/** The columns of an order that groups its rows: those of a row, and of the entries of its list. */
import { FIRST_ENTRY } from '../columns/columnPath.ts';
import type { Columns } from '../columns/fill.ts';
import { GROUP_LIST } from '../selection/groupList.ts';

export function groupedColumns({ names, areAll }: Columns): Columns {
  const inList = names.map((name) => `${GROUP_LIST}${FIRST_ENTRY}.${name}`);
  // Who reads a column of the group need not read it of each of its rows.
  return { names: [...names, ...inList], areAll, untold: new Set(inList) };
}
