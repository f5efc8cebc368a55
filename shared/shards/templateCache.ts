/** Compiled templates of this process, by content: one compilation serves every shard and task. */
import type { Ports } from '../ports.ts';
import { compileTemplate } from '../rendering/compileTemplate.ts';
import type { CompiledTemplate } from '../rendering/renderer.ts';
import type { TaskOptions } from '../schemas/common.ts';
import type { TaskItem } from '../schemas/items.ts';
import { loadTemplate } from '../templates/templates.ts';

/** As many as one task may use: a task never compiles a template twice in a process. */
const CACHED_TEMPLATES = 20;

const cache = new Map<string, CompiledTemplate>();

/** The compiled template; the least recently used one makes room for a new one. */
export async function compiledTemplate(
  ports: Pick<Ports, 'objects'>,
  { templateId, sha256, tried }: TaskItem['templates'][number],
  { emptyParagraphs, missingValue }: Pick<TaskOptions, 'emptyParagraphs' | 'missingValue'>,
): Promise<CompiledTemplate> {
  const how = { emptyParagraphs, missingValue };
  const key = `${sha256} ${emptyParagraphs} ${missingValue}`;
  const compiled =
    cache.get(key) ?? compileTemplate(await loadTemplate(ports, templateId), { ...how, tried });
  cache.delete(key);
  cache.set(key, compiled);
  const [oldest] = cache.keys();
  if (cache.size > CACHED_TEMPLATES && oldest !== undefined) cache.delete(oldest);
  return compiled;
}
