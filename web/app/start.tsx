/** Loads what the page cannot do without, and shows it. */
import { render } from 'preact';
import * as z from 'zod';
import { CONFIG } from '../../shared/console/consoleFiles.ts';
import { loadTexts, type Language } from '../texts/languages.ts';
import { applyPreferences, readPreferences } from './preferences.ts';
import { laterPage, pageOf } from './places.ts';
import { parseRoute } from './address.ts';
import { Root } from './root.tsx';
import { currentSession } from './session.ts';

const ConfigSchema = z.object({ apiUrl: z.string() });

/** @throws Error when the page's own files cannot be loaded */
export async function start(): Promise<void> {
  const preferences = readPreferences();
  applyPreferences(preferences);
  if (currentSession()) beginPage(preferences.language);
  const [texts, { apiUrl }] = await Promise.all([
    loadTexts(preferences.language, ['first']),
    fetch(CONFIG).then(async (response) => ConfigSchema.parse(await response.json())),
  ]);
  const page = document.getElementById('page');
  if (page) render(<Root first={{ preferences, texts }} apiUrl={apiUrl} />, page);
}

/** Begins to load the page that the address leads to. The page says itself what cannot be loaded. */
function beginPage(language: Language): void {
  const later = laterPage(pageOf(parseRoute(location.hash)));
  if (later) Promise.all([later.load(), loadTexts(language, later.texts)]).catch(() => undefined);
}
