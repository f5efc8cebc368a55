/** What `sheaf doctor` finds. */

/** Bad: something will not work. Odd: some of it may not, or not as well as it could. */
export type Grade = 'good' | 'odd' | 'bad';

export interface Finding {
  readonly grade: Grade;
  readonly what: string;
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}
