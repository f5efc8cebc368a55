/**
 * Number formats that a workbook names by their id alone (ECMA-376 part 1, 18.8.30): what they are follows
 * from the region of whoever opens it. An id that the file gives a code of its own means that code.
 */
import { getFormatFromId } from 'numfmt';

const DATE = 14;
/** From here on the ids are those of East Asia, up to the first that files give themselves. */
const EAST_ASIAN = { first: 27, last: 58 };
/** The last that any region has. */
const LAST = 81;

const codes = (rows: readonly (readonly [readonly number[], string])[]) =>
  new Map(rows.flatMap(([ids, code]) => ids.map((id) => [id, code] as const)));

/** By language; spelt with quotes, as a file would. */
const EAST_ASIAN_CODES: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  'zh-CN': codes([
    [[27, 36, 50, 52, 57], '[$-804]yyyy"年"m"月"'],
    [[28, 29, 51, 53, 54, 58], '[$-804]m"月"d"日"'],
    [[30], 'm-d-yy'],
    [[31], 'yyyy"年"m"月"d"日"'],
    [[32], 'h"时"mm"分"'],
    [[33], 'h"时"mm"分"ss"秒"'],
    [[34, 55], '上午/下午h"时"mm"分"'],
    [[35, 56], '上午/下午h"时"mm"分"ss"秒"'],
  ]),
  'zh-TW': codes([
    [[27, 36, 50, 57], '[$-404]e/m/d'],
    [[28, 29, 51, 54, 58], '[$-404]e"年"m"月"d"日"'],
    [[30], 'm/d/yy'],
    [[31], 'yyyy"年"m"月"d"日"'],
    [[32], 'hh"時"mm"分"'],
    [[33], 'hh"時"mm"分"ss"秒"'],
    [[34, 52, 55], '上午/下午hh"時"mm"分"'],
    [[35, 53, 56], '上午/下午hh"時"mm"分"ss"秒"'],
  ]),
  ja: codes([
    [[27, 36, 50, 57], '[$-411]ge.m.d'],
    [[28, 29, 51, 54, 58], '[$-411]ggge"年"m"月"d"日"'],
    [[30], 'm/d/yy'],
    [[31], 'yyyy"年"m"月"d"日"'],
    [[32], 'h"時"mm"分"'],
    [[33], 'h"時"mm"分"ss"秒"'],
    [[34, 52, 55], 'yyyy"年"m"月"'],
    [[35, 53, 56], 'm"月"d"日"'],
  ]),
  ko: codes([
    [[27, 36, 50, 57], 'yyyy"年" mm"月" dd"日"'],
    [[28, 29, 51, 54, 58], 'mm-dd'],
    [[30], 'mm-dd-yy'],
    [[31], 'yyyy"년" mm"월" dd"일"'],
    [[32], 'h"시" mm"분"'],
    [[33], 'h"시" mm"분" ss"초"'],
    [[34, 35, 52, 53, 56], 'yyyy-mm-dd'],
    [[55], 'yyyy/mm/dd'],
  ]),
};

/** @param locale a tag of locales.ts */
function eastAsianCodes(locale: string): ReadonlyMap<number, string> | undefined {
  const language = locale.split('-')[0] ?? '';
  if (language !== 'zh') return EAST_ASIAN_CODES[language];
  return EAST_ASIAN_CODES[/-(?:TW|HK|MO|Hant)\b/i.test(locale) ? 'zh-TW' : 'zh-CN'];
}

/**
 * The code of a built-in format.
 * @param locale of whoever looks at the workbook (locales.ts)
 */
export function builtInFormat(id: number, locale: string): string {
  if (id >= EAST_ASIAN.first && id <= EAST_ASIAN.last && !(id >= 37 && id <= 49)) {
    // Elsewhere these show a date, such as in what WPS writes in China and others open.
    return eastAsianCodes(locale)?.get(id) ?? builtInFormat(DATE, locale);
  }
  if (!(id >= 0 && id <= LAST)) return 'General';
  const code = getFormatFromId(id, locale);
  return code === null || code === '' ? 'General' : code;
}
