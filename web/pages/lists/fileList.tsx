/** What templates and tables have in common: one list, searched, added to by dropping a file, deleted from. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../app/app.ts';
import {
  useAnnounced,
  useDoing,
  useHere,
  useNarrow,
  useNow,
  useTitle,
  type Doing,
} from '../../app/hooks.ts';
import { readable } from '../../app/readable.ts';
import { changeParams, hrefOf, type Route } from '../../app/router.ts';
import { Button, ErrorNote, Heading, Loading } from '../../parts/basics.tsx';
import { Confirm, type Question } from '../../parts/dialog.tsx';
import { DropZone } from '../../parts/dropZone.tsx';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { VirtualTable } from '../../parts/virtualList.tsx';
import { useSearch, type Listing } from '../../app/listing.ts';
import type { InspectorProps } from './inspector.tsx';
import { useUses, type Uses } from './uses.ts';

const ROW_HEIGHT = 60;
const ROW_HEIGHT_NARROW = 92;
/** Tasks that are named before something they use is deleted. */
const MOST_NAMED = 3;

export interface FileItem {
  readonly id: string;
  readonly name: string;
  readonly fileName: string;
  readonly createdAt: string;
  readonly state: readonly [icon: IconName, tone: string, text: string];
  /** What is in it, in a few words. */
  readonly content: string;
}

export interface FileWords {
  readonly title: string;
  readonly search: string;
  readonly drop: string;
  readonly kinds: string;
  readonly uploading: (name: string) => string;
  readonly count: (count: number) => string;
  readonly content: string;
  readonly emptyTitle: string;
  readonly empty: string;
  readonly remove: (name: string) => string;
  readonly removeTitle: (name: string) => string;
  readonly removeText: string;
}

export interface FileListProps<T> {
  readonly route: Route;
  /** First segment of the page's address. */
  readonly place: string;
  readonly words: FileWords;
  /** Endings, as the file dialog takes them. */
  readonly accept: string;
  readonly list: Listing<T>;
  readonly itemOf: (item: T) => FileItem;
  /** Uploads a file and has it read. @returns its id; undefined where it is not kept */
  readonly upload: (file: File) => Promise<string | undefined>;
  readonly remove: (id: string) => Promise<unknown>;
  /** Buttons beside that of deletion. */
  readonly actions?: (item: T, doing: Doing) => ComponentChildren;
  /** Where one is looked at. */
  readonly inspector: (input: InspectorProps) => JSX.Element;
}

const withoutEnding = (name: string) => name.replace(/\.[^.]+$/, '');

export function FileList<T>(props: FileListProps<T>): JSX.Element {
  const { route, place, words, accept, list, itemOf } = props;
  const { texts, tell } = useApp();
  useTitle(words.title);
  const uses = useUses();
  const now = useNow(30_000);
  const isNarrow = useNarrow();
  const uploading = useDoing();
  const isHere = useHere();
  const doing = useDoing();
  const [fileName, setFileName] = useState('');
  const [asked, setAsked] = useState<Question>();
  const search = route.params.get('q') ?? '';
  const looked = route.params.get('look') ?? undefined;
  const { shown, isSearching } = useSearch(list, search, (item) => {
    const { name, fileName: file } = itemOf(item);
    return `${name}\n${file}`;
  });
  const isFound = search !== '' && !isSearching;
  useAnnounced(search, isFound ? words.count(shown.length) : undefined);

  const upload = (file: File) => {
    setFileName(file.name);
    void uploading.run(async () => {
      const id = await readable(file, () => props.upload(file));
      if (id === undefined) return;
      tell(texts.lists.added(file.name));
      if (isHere()) changeParams({ look: id });
    });
  };
  const close = () => changeParams({ look: undefined });
  const ask = ({ id, name }: FileItem) =>
    setAsked({
      title: words.removeTitle(name),
      text: <Goes text={words.removeText} id={id} uses={uses} />,
      action: texts.actions.remove,
      isDangerous: true,
      onConfirm: () => {
        void doing.run(async () => {
          await props.remove(id);
          list.drop(id);
          if (looked === id && isHere()) close();
          tell(texts.actions.done.remove);
        });
      },
    });

  const isEmpty = list.items.length === 0;
  if (isEmpty && !list.isComplete && list.error === undefined) return <Loading />;
  return (
    <>
      <Heading title={words.title} />
      {list.error !== undefined && (
        <ErrorNote error={list.error} onRetry={isEmpty ? list.refresh : list.more} />
      )}
      {isEmpty && list.isComplete && (
        <section class="lists-empty">
          <h2>{words.emptyTitle}</h2>
          <p class="lead">{words.empty}</p>
        </section>
      )}
      {(!isEmpty || list.isComplete) && (
        <div class={isEmpty ? undefined : 'list-add'}>
          <DropZone
            title={words.drop}
            kinds={words.kinds}
            accept={accept}
            busy={uploading.isBusy ? words.uploading(fileName) : undefined}
            onFile={upload}
          />
        </div>
      )}
      <ErrorNote error={uploading.error} />
      <ErrorNote error={doing.error} />
      {!isEmpty && (
        <>
          <div class="list-tools">
            <label class="search">
              <span class="visually-hidden">{words.search}</span>
              <Icon name="search" />
              <input
                type="search"
                placeholder={words.search}
                value={search}
                onInput={({ currentTarget }) => changeParams({ q: currentTarget.value })}
              />
            </label>
          </div>
          {shown.length === 0 ? (
            <div class="empty">
              <p>{isSearching ? texts.app.loading : texts.lists.noneFound}</p>
              {!isSearching && (
                <Button onClick={() => changeParams({ q: undefined })}>
                  {texts.lists.clearSearch}
                </Button>
              )}
            </div>
          ) : (
            <VirtualTable
              label={words.title}
              className="files"
              rowHeight={isNarrow ? ROW_HEIGHT_NARROW : ROW_HEIGHT}
              count={shown.length}
              onNearEnd={list.more}
              columns={[
                { key: 'name', head: texts.tasks.name },
                { key: 'state', head: texts.tasks.status },
                { key: 'content', head: words.content },
                { key: 'used', head: texts.lists.used },
                { key: 'created', head: texts.lists.created },
                {
                  key: 'do',
                  head: <span class="visually-hidden">{texts.lists.actions}</span>,
                },
              ]}
              row={(index) => {
                const item = shown[index];
                if (item === undefined) return { key: String(index), cells: [] };
                return rowOf(item, itemOf(item));
              }}
            />
          )}
          <p class="list-end">
            {list.isComplete ? words.count(shown.length) : list.isLoading && texts.app.loading}
          </p>
        </>
      )}
      {looked !== undefined &&
        props.inspector({
          id: looked,
          users: <Users id={looked} uses={uses} />,
          onClose: close,
          onRemove: () => {
            const item = list.items.map(itemOf).find(({ id }) => id === looked);
            if (item) ask(item);
          },
        })}
      {asked && <Confirm question={asked} onClose={() => setAsked(undefined)} />}
    </>
  );

  function rowOf(item: T, file: FileItem) {
    const [icon, tone, text] = file.state;
    return {
      key: file.id,
      isMarked: file.id === looked,
      cells: [
        <div key="name" class="titled">
          <a
            class="name"
            dir="auto"
            title={file.name}
            href={hrefOf([place], { q: search, look: file.id })}
          >
            {file.name}
          </a>
          {withoutEnding(file.fileName) !== withoutEnding(file.name) && (
            <span class="file-name" dir="auto">
              {file.fileName}
            </span>
          )}
        </div>,
        <span key="state" class={`status ${tone}`}>
          <Icon name={icon} />
          {text}
        </span>,
        <span key="content">{file.content}</span>,
        <UseCount key="used" id={file.id} uses={uses} />,
        <Age key="created" at={file.createdAt} now={now} />,
        <div key="do" class="actions">
          {props.actions?.(item, doing)}
          <Button
            kind="quiet"
            icon="trash"
            label={words.remove(file.name)}
            isDisabled={doing.isBusy}
            onClick={() => ask(file)}
          />
        </div>,
      ],
    };
  }
}

function Age({ at, now }: { readonly at: string; readonly now: number }): JSX.Element {
  const { formats } = useApp();
  return (
    <time dateTime={at} title={formats.date(at)}>
      {formats.since(at, now)}
    </time>
  );
}

function UseCount({ id, uses }: { readonly id: string; readonly uses: Uses }): JSX.Element {
  const { texts } = useApp();
  const count = uses.of(id).length;
  if (count === 0) {
    return <span>{uses.isLoading || !uses.isComplete ? '…' : texts.lists.unused}</span>;
  }
  return <span>{texts.tasks.count(count) + (uses.isComplete ? '' : '+')}</span>;
}

/** What a deletion takes with it, and what it does not. */
function Goes({
  text,
  id,
  uses,
}: {
  readonly text: string;
  readonly id: string;
  readonly uses: Uses;
}): JSX.Element {
  const { texts, formats } = useApp();
  const words = texts.lists;
  const users = uses.of(id);
  const named = users.slice(0, MOST_NAMED).map(({ name }) => words.quoted(name));
  const others = users.length - named.length;
  const all = others > 0 ? [...named, words.others(others)] : named;
  return (
    <>
      {text}{' '}
      {users.length > 0 && (
        <>
          {words.usedBy(users.length)} <bdi>{formats.list(all)}</bdi>
          {texts.signs.stop}
          {words.usersGoOn}
        </>
      )}
      {users.length === 0 && uses.isComplete && words.usedByNone}{' '}
      {!uses.isComplete && words.lookedAt(uses.count)} {words.forGood}
    </>
  );
}

/** The tasks that use it, each with a way there. */
function Users({ id, uses }: { readonly id: string; readonly uses: Uses }): JSX.Element {
  const { texts } = useApp();
  const users = uses.of(id);
  return (
    <section aria-labelledby="users">
      <h3 id="users">{texts.lists.usedIn}</h3>
      {users.length === 0 && <p>{uses.isLoading ? texts.app.loading : texts.lists.unused}</p>}
      {users.length > 0 && (
        <ul class="users">
          {users.map(({ taskId, name, status }) => (
            <li key={taskId}>
              <a href={hrefOf(['tasks', taskId])} dir="auto">
                {name}
              </a>{' '}
              <span class="hint">{texts.status[status]}</span>
            </li>
          ))}
        </ul>
      )}
      {!uses.isComplete && !uses.isLoading && (
        <p class="hint">{texts.lists.lookedAt(uses.count)}</p>
      )}
    </section>
  );
}
