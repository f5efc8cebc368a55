/**
 * Names of tags and columns as people see them: what looks alike is one name. Word, Excel and input
 * methods change what was typed (curly quotes, no-break spaces before French signs, dashes, full-width
 * signs), and what they add cannot be seen.
 */

/** Opening and closing signs of French, with the blanks that Word sets inside. */
const GUILLEMETS = /«\s*([^«»]*?)\s*»/g;
const SINGLE_QUOTES = /[‘’‚‛′‵ʹʻʼʽ`´＇‹›]/g;
const DOUBLE_QUOTES = /[“”„‟″‶«»〝〞〟＂]/g;
/** `--` is what a dash is typed as. */
const DASHES = /[-‐‑‒–—―−⁃﹘﹣－]+/g;
/** NEL ends lines too; U+FEFF is not seen, whatever \s says. */
const BLANKS = /(?:[^\S\ufeff]|\u0085)+/g;
/** Zero-width characters, soft hyphens, marks of direction and of variants; control characters. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;
/**
 * What NFKC may change and people do not see. Left out are the numbers that it makes plain ones of: m²
 * is not m2, and ① not 1.
 */
const COMPATIBLE = /[^\p{No}ªº]+/gu;
/** As it is written in French; the blank is no part of the name. */
const BLANK_BEFORE_SIGN = / (?=[:;!?])/g;

/**
 * A name with everything taken away that people do not see: normal form (NFKC but for superscripts and
 * the like), kinds of quotes and dashes, kind and number of blanks and line breaks, invisible characters.
 * Case and punctuation stay. Names are the same when this is.
 */
export const asSeen = (name: string): string =>
  name
    // Line ends are control characters, too.
    .replace(BLANKS, ' ')
    .replace(UNSEEN, '')
    .replace(GUILLEMETS, '"$1"')
    // Before NFKC, which takes some quotes apart.
    .replace(SINGLE_QUOTES, "'")
    .replace(DOUBLE_QUOTES, '"')
    .replace(COMPATIBLE, (text) => text.normalize('NFKC'))
    .normalize('NFC')
    .replace(DASHES, '-')
    .replace(BLANKS, ' ')
    .replace(BLANK_BEFORE_SIGN, '')
    .trim();
