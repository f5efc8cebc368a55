/** Templates: what they ask for, where they are used, the sheet to fill in for each. */
import type { JSX } from 'preact';
import type { Tag } from '../../../shared/schemas/common.ts';
import type { TemplateView } from '../../../shared/schemas/templateApi.ts';
import { useApp, type App } from '../../app/app.ts';
import { saveInTime } from '../../app/download.ts';
import { useDoing, useLoad, type Doing } from '../../app/hooks.ts';
import { useListing } from '../../app/listing.ts';
import { hrefOf, type Route } from '../../app/router.ts';
import { Button, ButtonLink } from '../../parts/basics.tsx';
import { FileList, type FileItem } from './fileList.tsx';
import { Inspector, Warnings, type InspectorProps } from './inspector.tsx';

const STATES = {
  awaiting_upload: ['clock', 'calm'],
  ready: ['check', 'good'],
  invalid: ['cross', 'bad'],
} as const;

/** Names of a template's tags, each once. */
const namesOf = (tags: readonly Tag[]): readonly string[] => [
  ...new Set(tags.map(({ path, name }) => [...path, name].join(' › '))),
];

function itemOf({ texts }: App, template: TemplateView): FileItem {
  const { templateId: id, name, fileName, createdAt, status, tags } = template;
  return {
    id,
    name,
    fileName,
    createdAt,
    state: [...STATES[status], texts.lists.status[status]],
    content: tags ? texts.templates.tags(namesOf(tags).length) : '',
  };
}

export function Templates({ route }: { readonly route: Route }): JSX.Element {
  const app = useApp();
  const { texts, client } = app;
  const words = texts.templates;
  const list = useListing(
    (cursor) => client.listTemplates(cursor === undefined ? {} : { cursor }),
    ({ templateId }: TemplateView) => templateId,
  );
  const upload = async (file: File): Promise<string> => {
    let begun: string | undefined;
    try {
      const template = await client.uploadTemplate(file.name, file, undefined, {
        onCreated: (id) => (begun = id),
      });
      list.put(template);
      return template.templateId;
    } catch (error) {
      // What was refused is of no use to anybody: the corrected file is uploaded as another.
      if (begun !== undefined) {
        await client.deleteTemplate({ templateId: begun }).catch(() => undefined);
      }
      throw error;
    }
  };
  return (
    <FileList
      route={route}
      place="templates"
      words={words}
      accept=".docx"
      list={list}
      itemOf={(template) => itemOf(app, template)}
      upload={upload}
      remove={(templateId) => client.deleteTemplate({ templateId })}
      actions={({ templateId, name, status }, doing) =>
        status === 'ready' && (
          <Button
            kind="quiet"
            icon="download"
            label={words.sheetOf(name)}
            isDisabled={doing.isBusy}
            onClick={() => void downloadSheet(app, doing, templateId)}
          />
        )
      }
      inspector={(input) => <Look key={input.id} {...input} />}
    />
  );
}

const downloadSheet = ({ client }: App, doing: Doing, templateId: string): Promise<boolean> =>
  doing.run(() => saveInTime(() => client.downloadDataSheet({ templateId })));

function Look({ id, ...input }: InspectorProps): JSX.Element {
  const app = useApp();
  const { texts, client } = app;
  const words = texts.templates;
  const doing = useDoing();
  const { data: template, error } = useLoad(
    (signal) => client.getTemplate({ templateId: id }, { signal }),
    [id],
  );
  return (
    <Inspector
      {...input}
      kind={words.title}
      file={template}
      error={error ?? doing.error}
      actions={
        template?.status === 'ready' && (
          <>
            <Button
              icon="download"
              isBusy={doing.isBusy}
              onClick={() => void downloadSheet(app, doing, id)}
            >
              {words.sheet}
            </Button>
            <ButtonLink kind="main" icon="plus" href={hrefOf(['new'], { template: id })}>
              {words.use}
            </ButtonLink>
          </>
        )
      }
    >
      <Warnings warnings={template?.warnings} />
      {template?.tags && <Tags tags={template.tags} />}
    </Inspector>
  );
}

function Tags({ tags }: { readonly tags: readonly Tag[] }): JSX.Element {
  const words = useApp().texts.templates;
  const names = namesOf(tags);
  const sections = new Set(
    namesOf(tags.filter(({ kind }) => kind === 'section' || kind === 'inverted')),
  );
  return (
    <section aria-labelledby="tags">
      <h3 id="tags">{words.tags(names.length)}</h3>
      {names.length === 0 && <p>{words.noTags}</p>}
      <ul class="names">
        {names.map((name) => (
          <li key={name} class={sections.has(name) ? 'section' : undefined}>
            <code dir="auto">{name}</code>
            {sections.has(name) && <span class="hint"> {words.section}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
