/** The list of a group's rows, among the columns of its first one. */
export const GROUP_LIST = 'rows';
