/** Loads what the page cannot do without, and shows it. */
import { render } from 'preact';
import * as z from 'zod';
import { CONFIG } from '../../shared/console/consoleFiles.ts';
import { loadTexts } from '../texts/languages.ts';
import { applyPreferences, readPreferences } from './preferences.ts';
import { Root } from './root.tsx';

const ConfigSchema = z.object({ apiUrl: z.string() });

/** @throws Error when the page's own files cannot be loaded */
export async function start(): Promise<void> {
  const preferences = readPreferences();
  applyPreferences(preferences);
  const [texts, { apiUrl }] = await Promise.all([
    loadTexts(preferences.language),
    fetch(CONFIG).then(async (response) => ConfigSchema.parse(await response.json())),
  ]);
  const page = document.getElementById('page');
  if (page) render(<Root first={{ preferences, texts }} apiUrl={apiUrl} />, page);
}
