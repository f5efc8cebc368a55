/** The languages of a run, in the attributes of its w:lang (ECMA-376 part 1, 17.3.2.20). */
export const OF_LATIN = /\bval\s*=\s*["']([^"']+)["']/;
export const OF_EAST_ASIAN = /\beastAsia\s*=\s*["']([^"']+)["']/;
