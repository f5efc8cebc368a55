/** Values that several commands take, or show. */
import * as z from 'zod';
import { ID_PREFIXES, idPattern, type IdKind } from '../../shared/ids.ts';
import { by, check } from '../command.ts';

/** An id as a command takes it. */
export const idSchema = (kind: IdKind) =>
  z
    .string()
    .regex(idPattern(kind), `It is an id: ${ID_PREFIXES[kind]}_ and 26 digits and capitals.`);

const MOST_LISTED = 100_000;

export const LimitSchema = z.coerce
  .number('It must be a whole number.')
  .int('It must be a whole number.')
  .min(1, 'It must be at least 1.')
  .max(MOST_LISTED, `It must be at most ${MOST_LISTED}.`);

/** A moment of the API, to the second, as UTC: 2026-11-27 08:30:00Z. */
export const moment = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')}Z`;

/** Reads each of several values of one argument or option by a schema. */
export const eachBy =
  <S extends z.ZodType>(schema: S) =>
  (text: string, before: readonly z.output<S>[] | undefined): z.output<S>[] => [
    ...(before ?? []),
    by(schema)(text),
  ];

/** Collects an option that may be given several times. */
export const collect = eachBy(z.string());

/** As many as a list answers with at once. */
export const PAGE = 100;

/** `name=value`. */
export const PairSchema = z.string().transform((text, context) => {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return { name, value };
  context.addIssue('It is name=value.');
  return z.NEVER;
});

/** Reads a number by a schema of the API. */
export const numberBy = <S extends z.ZodType>(schema: S) => {
  const asNumber = by(z.coerce.number('It must be a number.'));
  return (text: string): z.output<S> => check(schema, asNumber(text));
};
