/** What all cells of a workbook are read with: its shared texts, its styles, how it counts days. */
import { LOCALE_DEFAULT } from '../../formats/locales.ts';
import type { Reading } from '../reading.ts';
import type { SheetContext } from './cellWriter.ts';
import type { WorkbookPackage } from './package.ts';
import { readSharedStrings } from './sharedStrings.ts';
import { readStyles } from './styles.ts';
import type { Workbook } from './workbook.ts';

/** @throws SourceFault when one of its parts cannot be read */
export async function readSheetContext(
  parts: WorkbookPackage,
  { stringsPart, stylesPart, is1904 }: Workbook,
  { locale = LOCALE_DEFAULT, values }: Pick<Reading, 'locale' | 'values'>,
): Promise<SheetContext> {
  return {
    strings: await readSharedStrings(parts, stringsPart),
    styles: readStyles(
      stylesPart ?? '',
      stylesPart === undefined ? undefined : await parts.text(stylesPart),
      { locale, is1904 },
    ),
    is1904,
    asTyped: values === 'typed',
  };
}
