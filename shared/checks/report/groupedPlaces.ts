/** Where in the rows as they came stands what is said of a group of them. */
import { stepsOf } from '../../columns/columnPath.ts';
import { GROUP_LIST } from '../../selection/groupList.ts';

/** A row, and one of its columns. */
export interface RowPlace {
  readonly row: number;
  readonly column: string | undefined;
}

/** @param row that a mark or a finding names @param column the one that it names */
export type Locate = (row: number, column: string | undefined) => RowPlace;

export const AS_TOLD: Locate = (row, column) => ({ row, column });

/** Whether a column is one of the rows of a group, or the list of them. */
export const isOfGroup = (column: string | undefined): boolean =>
  column !== undefined && (column === GROUP_LIST || column.startsWith(`${GROUP_LIST}[`));

/**
 * Places of groups: `rows[2].price` is the column "price" of the second row of the group.
 * @param groupBy the column that groups, which stands for rows as wholes
 * @param members rows of groups, by the first of each
 */
export const inGroups =
  (groupBy: string, members: ReadonlyMap<number, readonly number[]>): Locate =>
  (row, column) => {
    if (column === undefined || !isOfGroup(column)) return { row, column };
    const [, number] = stepsOf(column);
    const member = typeof number === 'number' ? members.get(row)?.[number - 1] : undefined;
    const start = `${GROUP_LIST}[${number}].`;
    const inner = column.startsWith(start) ? column.slice(start.length) : groupBy;
    return member === undefined ? { row, column: groupBy } : { row: member, column: inner };
  };
