/** Checks as clients see them. */
import { checkPaths, linkTo } from '../api/paths.ts';
import type { CheckView, CreatedCheck, Finding } from '../schemas/checkApi.ts';
import type { TrialItem } from '../schemas/items.ts';

const iso = (ms: number) => new Date(ms).toISOString();

const linksOf = (checkId: string): CheckView['links'] => ({
  self: linkTo(checkPaths.check, { checkId }),
  report: linkTo(checkPaths.report, { checkId }),
});

export const createdView = (checkId: string, { status }: TrialItem): CreatedCheck => ({
  checkId,
  status,
  links: linksOf(checkId),
});

export const checkView = (
  checkId: string,
  { status, createdAt, finishedAt, expiresAt, summary, error }: TrialItem,
  findings: readonly Finding[],
): CheckView => ({
  checkId,
  status,
  createdAt: iso(createdAt),
  finishedAt: finishedAt === undefined ? null : iso(finishedAt),
  expiresAt: expiresAt === undefined ? null : iso(expiresAt * 1000),
  summary: summary ?? null,
  findings: [...findings],
  error: error ?? null,
  links: linksOf(checkId),
});
