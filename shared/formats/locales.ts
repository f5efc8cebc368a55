/** Regions whose dates and numbers can be shown. */

/** The region when none is given. */
export const LOCALE_DEFAULT = 'en-US';

/** Languages of which the formatter knows names and signs (numfmt, listLocales). */
const LANGUAGES: ReadonlySet<string> = new Set(
  (
    'ar az be bg bn ca cs cy da de el en es fi fil fr gu he hi hr hu hy id is it ja ka kk kn ko lt lv ' +
    'ml mn mr my nb nl no pa pl pt ro ru sk sl sr sv ta te th tr uk vi zh'
  ).split(' '),
);

const TAG = /^[a-z]{2,3}(?:-[A-Z]{2})?$/;

/** Whether a tag such as de or de-AT names a region that is known here. */
export const isLocale = (tag: string): boolean =>
  TAG.test(tag) && LANGUAGES.has(tag.split('-')[0] ?? '');
