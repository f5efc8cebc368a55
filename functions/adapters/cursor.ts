/** Opaque positions in a list: what a client gets as `nextCursor` and gives back as `?cursor`. */
import { Problem } from '../../shared/problems.ts';
import * as z from 'zod';

const PositionSchema = z.array(z.string().min(1)).min(1).max(3);

/** A cursor for the sort key values of the last item of a page; it never holds the partition. */
export function encodeCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * The sort key values in a cursor that came from outside.
 * @param parts how many values a cursor of this list holds
 * @param prefix what the first of them must begin with, for the list to have made it
 * @throws Problem VALIDATION_ERROR at /cursor, for anything that this list cannot have given out
 */
export function decodeCursor(cursor: string, parts: number, prefix = ''): string[] {
  const position = parsePosition(cursor);
  if (position?.length !== parts || !position[0]?.startsWith(prefix)) throw badCursor();
  // Base64 and JSON have several spellings of the same value; only ours was given out.
  if (encodeCursor(position) !== cursor) throw badCursor();
  return position;
}

/** The problem of a cursor that no list of ours gave out. */
export function badCursor(cause?: unknown): Problem {
  return new Problem('VALIDATION_ERROR', 'The cursor does not belong to this list.', {
    errors: [
      {
        pointer: '/cursor',
        detail: 'Use the nextCursor of the page before, unchanged, or leave it out to start anew.',
      },
    ],
    cause,
  });
}

function parsePosition(cursor: string): string[] | undefined {
  try {
    return PositionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}
