/** A template as an order keeps it. */
import type { TaskItem, TemplateItem } from '../schemas/items.ts';

/** @param label what it is called in file names and reports */
export const orderedTemplate = (
  { templateId, sha256 = '', engine, engineBuild: build }: TemplateItem,
  label: string,
): TaskItem['templates'][number] => ({
  templateId,
  label,
  sha256,
  // What the upload's check found out, so that no worker tries it again.
  ...(engine && build !== undefined ? { tried: { build, engine } } : {}),
});
