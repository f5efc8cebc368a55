/** How the files of the console are served: the same wherever it lies. */

/** The page itself: it names all others, so a browser must not keep it without asking. */
export const PAGE = 'index.html';

/** What the page has to know of where it is: {"apiUrl": …}. */
export const CONFIG = 'config.json';

/** Folder of a function's bundle that holds them. */
export const CONSOLE_FOLDER = 'console';

/** Folder of those whose names hold a hash of their contents. */
export const HASHED_FOLDER = 'assets';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  csv: 'text/csv; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
};

export interface FileHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
}

/** What goes with a file, by its path in the console. */
export function headersOfFile(path: string): FileHeaders {
  const ending = path.split('.').at(-1) ?? '';
  return {
    contentType: TYPES[ending] ?? 'application/octet-stream',
    cacheControl: path.startsWith(`${HASHED_FOLDER}/`)
      ? 'public, max-age=31536000, immutable'
      : 'no-cache',
  };
}

/** config.json. */
export const configOf = (apiUrl: string): string => JSON.stringify({ apiUrl });
