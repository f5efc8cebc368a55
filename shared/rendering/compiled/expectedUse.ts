/** How often a program will write its pieces, guessed: it decides which of them get short codes. */
import type { ExpectedUse } from '../deflate/pieces.ts';
import { OPEN_TEXT, type Instruction, type Program } from './program.ts';

const ITEMS = 8;
const CHARACTERS_OF_VALUE = 12;
/** Between two uses of a piece outside of sections, in bytes. */
const FAR_APART = 600;

export function expectUse({ instructions, pieces }: Program): ExpectedUse {
  const repeats = new Map<number, { times: number; distance: number }>();
  const usual = new Set<number>();
  let valueCharacters = 0;

  function use(piece: number, times: number, distance: number): void {
    const again = usual.has(piece) ? times : times - 1;
    usual.add(piece);
    if (again === 0) return;
    const known = repeats.get(piece);
    repeats.set(piece, { times: (known?.times ?? 0) + again, distance });
  }

  function visit(list: readonly Instruction[], times: number, distance: number): void {
    for (const instruction of list) {
      if (instruction.kind === 'piece') use(instruction.piece, times, distance);
      else if (instruction.kind === 'closeText') use(instruction.whole, times, distance);
      else if (instruction.kind === 'pieceOnce') {
        use(instruction.piece, 1, distance);
        use(instruction.again, times - 1, distance);
      } else if (instruction.kind === 'closeTextOnce') {
        use(instruction.whole, 1, distance);
        use(instruction.wholeAgain, times - 1, distance);
      } else if (instruction.kind === 'openText') use(OPEN_TEXT, times, distance);
      else if (instruction.kind === 'value') valueCharacters += times * CHARACTERS_OF_VALUE;
      else if (instruction.kind === 'keep') visit(instruction.body, times, distance);
      else if (instruction.kind === 'section') {
        visit(instruction.body, times * ITEMS, bytesOf(instruction.body, pieces));
      }
    }
  }
  visit(instructions, 1, FAR_APART);
  return { usual, repeats, valueCharacters };
}

const bytesOf = (list: readonly Instruction[], pieces: readonly Uint8Array[]): number =>
  list.reduce((sum, instruction) => {
    if (instruction.kind === 'piece') return sum + (pieces[instruction.piece]?.length ?? 0);
    if (instruction.kind === 'closeText') return sum + (pieces[instruction.whole]?.length ?? 0);
    if (instruction.kind === 'pieceOnce') return sum + (pieces[instruction.again]?.length ?? 0);
    if (instruction.kind === 'closeTextOnce')
      return sum + (pieces[instruction.wholeAgain]?.length ?? 0);
    return instruction.kind === 'value' ? sum + CHARACTERS_OF_VALUE : sum;
  }, 0);
