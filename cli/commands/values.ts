/** Values that several commands take, or show. */
import * as z from 'zod';

/**
 * An id as a command takes it.
 * @param prefix of the API's ids, such as task
 */
export const idSchema = (prefix: string) =>
  z
    .string()
    .regex(
      new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`),
      `It is an id: ${prefix}_ and 26 digits and capitals.`,
    );

const MOST_LISTED = 100_000;

export const LimitSchema = z.coerce
  .number('It must be a whole number.')
  .int('It must be a whole number.')
  .min(1, 'It must be at least 1.')
  .max(MOST_LISTED, `It must be at most ${MOST_LISTED}.`);

/** A moment of the API, to the second, as UTC: 2026-11-27 08:30:00Z. */
export const moment = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')}Z`;
