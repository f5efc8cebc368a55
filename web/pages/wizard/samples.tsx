/** Samples: the documents that are worth looking at first, drawn side by side. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../../../client/errors.ts';
import type { SamplesView } from '../../../shared/schemas/sampleApi.ts';
import { useApp } from '../../app/app.ts';
import { fetchFile } from '../../app/download.ts';
import { useDoing, useHere, useLoad } from '../../app/hooks.ts';
import { changeParams } from '../../app/router.ts';
import { Button, ErrorNote, InEnglish, Loading, Note } from '../../parts/basics.tsx';
import { DocumentPreview } from '../../parts/preview.tsx';
import { orderOf, type Draft } from './draft.ts';
import { untilDone } from './untilDone.ts';

/** Drawn by themselves; the others when somebody asks. */
const DRAWN = 3;

export function Samples({ draft }: { readonly draft: Draft }): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.check;
  const doing = useDoing();
  const isHere = useHere();
  const begin = () =>
    void doing.run(async () => {
      const { templateIds = [], ...order } = orderOf(draft);
      const { sampleId } = await client.createSamples({ body: { ...order, templateIds } });
      if (isHere()) changeParams({ samples: sampleId });
    });
  return (
    <section class="card" aria-labelledby="samples">
      <h3 id="samples">{words.samples}</h3>
      <p class="hint">{words.samplesHint}</p>
      {draft.samples === undefined ? (
        <p class="card-end">
          <Button icon="eye" isBusy={doing.isBusy} onClick={begin}>
            {words.samplesAction}
          </Button>
        </p>
      ) : (
        <MadeSamples key={draft.samples} sampleId={draft.samples} />
      )}
      <ErrorNote error={doing.error} />
    </section>
  );
}

function MadeSamples({ sampleId }: { readonly sampleId: string }): JSX.Element {
  const { texts, client } = useApp();
  const words = texts.check;
  const { data, error, reload } = useLoad(
    (signal) =>
      untilDone(
        () => client.getSamples({ sampleId }, { signal }),
        ({ status }) => status !== 'making',
        signal,
      ),
    [sampleId],
  );
  useEffect(() => {
    // They are removed after a while.
    if (error instanceof ApiError && error.status === 404) changeParams({ samples: undefined });
  }, [error]);
  if (error !== undefined) return <ErrorNote error={error} onRetry={reload} />;
  if (!data) {
    return (
      <p class="loading" role="status">
        <span class="spinner" aria-hidden="true" /> {words.samplesRunning}
      </p>
    );
  }
  if (data.status === 'failed') {
    return (
      <Note kind="error" title={<InEnglish>{data.error?.message}</InEnglish>}>
        <Button icon="retry" onClick={() => changeParams({ samples: undefined })}>
          {texts.app.retry}
        </Button>
      </Note>
    );
  }
  return (
    <>
      <ol class="samples">
        {data.documents.map((sample, i) => (
          <Sample key={`${sample.row} ${sample.template}`} sample={sample} isDrawn={i < DRAWN} />
        ))}
      </ol>
      {data.notShown.length > 0 && (
        <details>
          <summary>{words.notShown}</summary>
          <ul class="plain-list">
            {data.notShown.map(({ what }) => (
              <li key={what}>
                <InEnglish>{what}</InEnglish>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Sample({
  sample,
  isDrawn,
}: {
  readonly sample: SamplesView['documents'][number];
  readonly isDrawn: boolean;
}): JSX.Element {
  const { texts } = useApp();
  const words = texts.check;
  const { row, why, url, name, failure } = sample;
  const [isWanted, setWanted] = useState(isDrawn);
  return (
    <li>
      <h4>{words.sampleRow(row)}</h4>
      {name !== null && (
        <p class="file-name" dir="auto">
          {name}
        </p>
      )}
      {failure && <Note kind="error" title={<InEnglish>{failure.detail}</InEnglish>} />}
      {url !== null && name !== null && !isWanted && (
        <Button icon="eye" onClick={() => setWanted(true)}>
          {words.look}
        </Button>
      )}
      {url !== null && name !== null && isWanted && <Drawn url={url} name={name} />}
      <p class="hint">
        <InEnglish>{why}</InEnglish>
      </p>
    </li>
  );
}

function Drawn({ url, name }: { readonly url: string; readonly name: string }): JSX.Element {
  const { data, error, reload } = useLoad((signal) => fetchFile({ url }, signal), [url]);
  if (error !== undefined) return <ErrorNote error={error} onRetry={reload} />;
  return data ? <DocumentPreview bytes={data} name={name} /> : <Loading />;
}
