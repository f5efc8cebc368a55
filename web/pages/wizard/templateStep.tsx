/** The first step: a Word document, what rows fill into it, and how it looks. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError } from '../../../client/errors.ts';
import type { Tag } from '../../../shared/schemas/common.ts';
import type { TemplateView } from '../../../shared/schemas/templateApi.ts';
import { PAGE_LIMIT_MAX } from '../../../shared/limits.ts';
import { NO_TAGS_WARNING } from '../../../shared/templateFaults.ts';
import { TEMPLATE_FAULTS, type TemplateFaultCode } from '../../../shared/problems.ts';
import { useApp } from '../../app/app.ts';
import { useDoing, useHere, useLoad } from '../../app/hooks.ts';
import { readable } from '../../app/readable.ts';
import { changeParams } from '../../app/router.ts';
import { Button, ErrorNote, ListInEnglish, Loading, Note, Told } from '../../parts/basics.tsx';
import { DropZone } from '../../parts/dropZone.tsx';
import { DocumentPreview } from '../../parts/preview.tsx';
import { Chooser } from './chooser.tsx';
import { paramsOf } from './draft.ts';
import { faultPlace, partOf } from './faultPlace.ts';
import { keepFile, keptFile } from './keptFiles.ts';
import { goneOf, useGone } from './unusable.ts';
import type { StepProps } from './stepProps.ts';
import { countTags, listTags, type ListedTag } from './tagList.ts';

export function TemplateStep({ draft, onUnusable }: StepProps): JSX.Element {
  const { template: templateId } = draft;
  return templateId === undefined ? (
    <ChooseTemplate />
  ) : (
    <ChosenTemplate
      key={templateId}
      draft={draft}
      templateId={templateId}
      onUnusable={onUnusable}
    />
  );
}

/** Whether the file itself was refused, with what is wrong in it. */
const isFaulty = (error: unknown): error is ApiError =>
  error instanceof ApiError && error.code === 'TEMPLATE_INVALID';

function ChooseTemplate(): JSX.Element {
  const { texts, client } = useApp();
  const doing = useDoing();
  const isHere = useHere();
  const [file, setFile] = useState<File>();
  const take = (chosen: File) => {
    setFile(chosen);
    void doing.run(async () => {
      const { templateId } = await readable(chosen, () =>
        client.uploadTemplate(chosen.name, chosen),
      );
      keepFile(templateId, chosen);
      if (isHere()) changeParams(paramsOf({ template: templateId }));
    });
  };
  return (
    <div class="stack">
      <DropZone
        title={texts.drop.template}
        kinds={texts.drop.templateKinds}
        accept=".docx"
        busy={doing.isBusy && file ? texts.drop.uploading(file.name) : undefined}
        onFile={take}
      />
      {isFaulty(doing.error) && file ? (
        <Faults error={doing.error} file={file} />
      ) : (
        <ErrorNote error={doing.error} />
      )}
      <Chooser
        title={texts.template.choose}
        searchLabel={texts.template.search}
        icon="file"
        each={(signal) => client.each('listTemplates', { limit: PAGE_LIMIT_MAX }, { signal })}
        about={({ tags = [] }) => texts.template.tagCount(countTags(tags))}
        onChoose={({ templateId }) => changeParams(paramsOf({ template: templateId }))}
      />
    </div>
  );
}

const isFault = (code: string | undefined): code is TemplateFaultCode =>
  code !== undefined && Object.hasOwn(TEMPLATE_FAULTS, code);

/** What is wrong in a file, each with where it is, beside the page. */
function Faults({ error, file }: { readonly error: ApiError; readonly file: File }): JSX.Element {
  const { texts } = useApp();
  const words = texts.template;
  const { errors } = error;
  return (
    <div class="beside">
      <Note kind="error" title={words.faults}>
        <p>
          {words.faultCount(Math.max(1, errors.length))}
          {texts.signs.stop}
          {words.faultsHint}
        </p>
        <ol class="faults">
          {(errors.length === 0
            ? [{ code: undefined, pointer: '', detail: error.message }]
            : errors
          ).map(({ code, pointer, detail }) => (
            <li key={`${pointer} ${detail}`}>
              <Told code={isFault(code) ? texts.reasons.faults[code] : undefined}>{detail}</Told>
              <FaultPlace pointer={pointer} />
            </li>
          ))}
        </ol>
      </Note>
      <Picture file={file} />
    </div>
  );
}

/** Where it is, if that says more than "somewhere in the text". */
function FaultPlace({ pointer }: { readonly pointer: string }): JSX.Element | null {
  const { texts, formats } = useApp();
  const words = texts.template;
  const { part, paragraph } = faultPlace(pointer);
  const places = [
    part && words.inPart[part],
    paragraph !== undefined && words.paragraph(paragraph),
  ].filter((place) => typeof place === 'string');
  return places.length === 0 ? null : <small> ({formats.list(places)})</small>;
}

function ChosenTemplate({
  draft,
  templateId,
  onUnusable,
}: Pick<StepProps, 'draft' | 'onUnusable'> & { readonly templateId: string }): JSX.Element {
  const { texts, client } = useApp();
  const { data, error, reload } = useLoad(
    (signal) => client.getTemplate({ templateId }, { signal }),
    [templateId],
  );
  useGone(error, draft, onUnusable);
  const file = keptFile(templateId);
  if (goneOf(error) !== undefined) {
    return (
      <>
        <Note kind="warning" title={texts.template.deleted} />
        <ChooseTemplate />
      </>
    );
  }
  return (
    <>
      {!data && error === undefined && <Loading />}
      <ErrorNote error={error} onRetry={reload} />
      {data && (
        <div class="beside">
          <TemplateFacts template={data} />
          {file ? <Picture file={file} /> : <p class="hint">{texts.template.pageLater}</p>}
        </div>
      )}
      <div class="actions">
        <Button icon="retry" onClick={() => changeParams(paramsOf({ template: undefined }))}>
          {texts.template.another}
        </Button>
      </div>
    </>
  );
}

function TemplateFacts({ template }: { readonly template: TemplateView }): JSX.Element {
  const { texts } = useApp();
  const words = texts.template;
  const { tags = [], engine } = template;
  // That there is no tag is told below.
  const warnings = (template.warnings ?? []).filter((warning) => warning !== NO_TAGS_WARNING);
  return (
    <section class="card" aria-label={words.tags}>
      <h3 class="file-name" dir="auto">
        {template.name}
      </h3>
      <p class="hint">
        {words.uploadedAs(template.fileName)} · {words.tagCount(countTags(tags))}
      </p>
      {warnings.length > 0 && (
        <Note kind="warning" title={words.warnings}>
          <ListInEnglish sentences={warnings} />
        </Note>
      )}
      {engine?.tier === 'stock' && <p class="hint">{words.slow}</p>}
      {tags.length === 0 ? (
        <Note kind="warning" title={words.noTags} />
      ) : (
        <>
          <h3>{words.tags}</h3>
          <TagTree tags={listTags(tags)} />
        </>
      )}
    </section>
  );
}

function TagTree({ tags }: { readonly tags: readonly ListedTag[] }): JSX.Element {
  return (
    <ul class="tags">
      {tags.map(({ tag, inside }) => (
        <li key={`${tag.kind} ${tag.name}`}>
          <code>{`{${SIGNS[tag.kind]}${tag.name}}`}</code> <TagKind tag={tag} />
          {inside.length > 0 && <TagTree tags={inside} />}
        </li>
      ))}
    </ul>
  );
}

const SIGNS = { value: '', section: '#', inverted: '^' } as const;

function TagKind({ tag }: { readonly tag: Tag }): JSX.Element {
  const { template: words } = useApp().texts;
  const part = partOf(tag.part);
  const said = [
    words[tag.kind],
    tag.isConditional && words.conditional,
    tag.isMergeField && words.mergeField,
    part && words.inPart[part],
  ].filter((text) => typeof text === 'string');
  return (
    <small>
      {said.join(' · ')}
      {tag.formats && tag.formats.length > 0 && <code> | {tag.formats.join(' | ')}</code>}
    </small>
  );
}

function Picture({ file }: { readonly file: File }): JSX.Element {
  const { texts } = useApp();
  const { data } = useLoad(async () => new Uint8Array(await file.arrayBuffer()), [file]);
  return (
    <section aria-label={texts.template.page}>
      {data && <DocumentPreview bytes={data} name={file.name} />}
    </section>
  );
}
