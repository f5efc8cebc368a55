/** Samples as clients see them. */
import { linkTo, samplePaths } from '../api/paths.ts';
import type { TrialItem } from '../schemas/items.ts';
import type { CreatedSamples, SamplesView } from '../schemas/sampleApi.ts';

const iso = (ms: number) => new Date(ms).toISOString();

const linksOf = (sampleId: string): SamplesView['links'] => ({
  self: linkTo(samplePaths.sample, { sampleId }),
});

/** The item has one word for all that is tried. */
const statusOf = ({ status }: TrialItem): SamplesView['status'] =>
  status === 'checking' ? 'making' : status;

export const createdSamplesView = (sampleId: string, item: TrialItem): CreatedSamples => ({
  sampleId,
  status: statusOf(item),
  links: linksOf(sampleId),
});

/** What is looked up beside the item. */
type SampleLinks = Pick<SamplesView, 'documents' | 'notShown' | 'zipUrl' | 'urlsExpireAt'>;

export const samplesView = (sampleId: string, item: TrialItem, links: SampleLinks): SamplesView => {
  const { createdAt, finishedAt, expiresAt, samples, error } = item;
  return {
    sampleId,
    status: statusOf(item),
    createdAt: iso(createdAt),
    finishedAt: finishedAt === undefined ? null : iso(finishedAt),
    expiresAt: expiresAt === undefined ? null : iso(expiresAt * 1000),
    hash: samples?.hash ?? null,
    rows: samples?.rows ?? null,
    taken: samples?.taken ?? null,
    ...links,
    error: error ?? null,
    links: linksOf(sampleId),
  };
};
