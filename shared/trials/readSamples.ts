/** Looking at samples. */
import { downloadLink } from '../downloadLink.ts';
import { objectKeys } from '../keys.ts';
import { DOWNLOAD_LINK_SECONDS } from '../limits.ts';
import { readingFiles } from '../missingFiles.ts';
import type { Ports } from '../ports.ts';
import { readJson } from '../readJson.ts';
import type { TrialItem } from '../schemas/items.ts';
import type { SamplesView } from '../schemas/sampleApi.ts';
import { MadeSamplesSchema, type MadeSamples, type SampleDocument } from '../schemas/samples.ts';
import { DOCX_MEDIA_TYPE } from '../templates/templates.ts';
import { samplesView } from './sampleViews.ts';
import { trialStore } from './trialStore.ts';

type ReadPorts = Pick<Ports, 'table' | 'objects' | 'clock'>;

const NOTHING = { documents: [], notShown: [], zipUrl: null, urlsExpireAt: null };

/**
 * Samples, with links that are signed now.
 * @throws Problem NOT_FOUND, DOWNLOAD_FAILED when their files are gone
 */
export async function getSamples(
  ports: ReadPorts,
  ownerId: string,
  sampleId: string,
): Promise<SamplesView> {
  const item = await trialStore.load(ports, ownerId, sampleId);
  if (item.status !== 'done') return samplesView(sampleId, item, NOTHING);
  // Before the links are signed: none of them is good for less long than that.
  const expiresAt = ports.clock.now() + DOWNLOAD_LINK_SECONDS * 1000;
  const { documents, notShown } = await readMade(ports, sampleId);
  const [views, zipUrl] = await Promise.all([
    Promise.all(documents.map((document) => documentView(ports, sampleId, document))),
    zipOf(ports, sampleId, item),
  ]);
  const urlsExpireAt = new Date(expiresAt).toISOString();
  return samplesView(sampleId, item, { documents: views, notShown, zipUrl, urlsExpireAt });
}

const readMade = (ports: ReadPorts, sampleId: string): Promise<MadeSamples> =>
  readingFiles('of the samples', async () =>
    MadeSamplesSchema.parse(await readJson(ports, objectKeys.samples(sampleId))),
  );

async function documentView(
  ports: ReadPorts,
  sampleId: string,
  { row, part, template, why, status, name, bytes = 0, failure }: SampleDocument,
): Promise<SamplesView['documents'][number]> {
  return {
    row,
    template,
    why,
    status,
    name: name ?? null,
    bytes: name === undefined ? null : bytes,
    url:
      name === undefined
        ? null
        : await link(ports, objectKeys.sampleDocument(sampleId, row, part), {
            // Without the folders that it is in.
            fileName: name.slice(name.lastIndexOf('/') + 1),
            contentType: DOCX_MEDIA_TYPE,
            bytes,
          }),
    failure: failure
      ? {
          code: failure.code,
          tag: failure.tag ?? null,
          column: failure.column ?? null,
          detail: failure.detail,
        }
      : null,
  };
}

async function zipOf(
  ports: ReadPorts,
  sampleId: string,
  { samples }: TrialItem,
): Promise<string | null> {
  const { zipBytes } = samples ?? {};
  if (zipBytes === undefined) return null;
  return link(ports, objectKeys.samplesArchive(sampleId), {
    fileName: 'samples.zip',
    contentType: 'application/zip',
    bytes: zipBytes,
  });
}

const link = async (...of: Parameters<typeof downloadLink>): Promise<string> =>
  (await downloadLink(...of)).url;
