/** Buttons, notes, fields: what every page is made of. */
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import {
  ApiError,
  ConnectionFailed,
  UnexpectedAnswer,
  UploadRefused,
} from '../../client/errors.ts';
import { useCommon } from '../app/app.ts';
import { FileUnreadable } from '../app/readable.ts';
import { Icon, type IconName } from './icons.tsx';

interface ButtonProps {
  readonly icon?: IconName | undefined;
  readonly kind?: 'main' | 'plain' | 'danger' | 'quiet';
  readonly children?: ComponentChildren;
  readonly onClick?: (() => void) | undefined;
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly type?: 'button' | 'submit';
  /** Said instead of the children, where these are a picture alone. */
  readonly label?: string;
  readonly title?: string;
}

export function Button({
  icon,
  kind = 'plain',
  children,
  onClick,
  isBusy = false,
  isDisabled = false,
  type = 'button',
  label,
  title,
}: ButtonProps): JSX.Element {
  return (
    <button
      type={type}
      class={`button ${kind}${children === undefined ? ' bare' : ''}`}
      // Still to be reached by the keyboard, so that it can say what it is.
      aria-disabled={isBusy || isDisabled}
      aria-busy={isBusy}
      aria-label={label}
      title={title ?? label}
      onClick={(event) => {
        if (isBusy || isDisabled) event.preventDefault();
        else onClick?.();
      }}
    >
      {isBusy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}

/** A link that looks like a button. */
export const ButtonLink = ({
  icon,
  isIconLast = false,
  kind = 'plain',
  href,
  children,
}: {
  readonly icon?: IconName;
  /** Behind the words, where it points on. */
  readonly isIconLast?: boolean;
  readonly kind?: 'main' | 'plain' | 'quiet';
  readonly href: string;
  readonly children: ComponentChildren;
}): JSX.Element => (
  <a class={`button ${kind}`} href={href}>
    {icon && !isIconLast && <Icon name={icon} />}
    <span>{children}</span>
    {icon && isIconLast && <Icon name={icon} />}
  </a>
);

const NOTE_ICONS = { info: 'info', warning: 'warning', error: 'warning', done: 'check' } as const;

export const Note = ({
  kind = 'info',
  title,
  children,
}: {
  readonly kind?: 'info' | 'warning' | 'error' | 'done';
  readonly title?: ComponentChildren;
  readonly children?: ComponentChildren;
}): JSX.Element => (
  <div class={`note ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
    <Icon name={NOTE_ICONS[kind]} />
    <div>
      {title !== undefined && <p class="note-title">{title}</p>}
      {children}
    </div>
  </div>
);

/** What the service says in words of its own, which are English in every language. */
export const InEnglish = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
  <span lang="en">{children}</span>
);

/** Several such sentences, as warnings are. */
export const ListInEnglish = ({
  sentences,
}: {
  readonly sentences: readonly string[];
}): JSX.Element => (
  <ul>
    {sentences.map((sentence) => (
      <li key={sentence}>
        <InEnglish>{sentence}</InEnglish>
      </li>
    ))}
  </ul>
);

/**
 * What the service says, where its code tells the same in the language of the page: that first, and what it says
 * itself in small print. In English it says it better than any code.
 */
export function Told({
  code,
  about = [],
  children,
}: {
  /** What the code means; undefined where there is none. */
  readonly code: string | undefined;
  /** Tags and columns that it is about. */
  readonly about?: readonly (string | null | undefined)[];
  readonly children: ComponentChildren;
}): JSX.Element {
  const { texts, formats, preferences } = useCommon();
  if (preferences.language === 'en' || code === undefined) return <InEnglish>{children}</InEnglish>;
  const names = [...new Set(about.filter((name) => typeof name === 'string'))];
  return (
    <>
      {code}
      {names.length > 0 && `${texts.signs.colon}${formats.list(names)}`}
      <small class="original">
        <InEnglish>{children}</InEnglish>
      </small>
    </>
  );
}

/** What went wrong, in words, with a way on. */
export function ErrorNote({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
}): JSX.Element | null {
  const { texts } = useCommon();
  if (error === undefined) return null;
  const details = error instanceof ApiError ? error.errors : [];
  const text = useErrorText(error);
  const isSaid = error instanceof ApiError && text === error.message;
  // Pointers into a request say nothing to somebody who filled in a page: what is wrong does.
  const isPointing = details.some(({ pointer }) => pointer !== '' && text.includes(pointer));
  const [only] = details;
  return (
    <Note kind="error" title={texts.errors.title}>
      {!isPointing && (
        <p>{isSaid ? <Told code={error.code && texts.refusals[error.code]}>{text}</Told> : text}</p>
      )}
      {isPointing && details.length === 1 && (
        <p>
          <InEnglish>{only?.detail}</InEnglish>
        </p>
      )}
      {details.length > 1 && (
        <ul>
          {details.map(({ detail }) => (
            <li key={detail}>
              <InEnglish>{detail}</InEnglish>
            </li>
          ))}
        </ul>
      )}
      {onRetry && (
        <Button icon="retry" onClick={onRetry}>
          {texts.app.retry}
        </Button>
      )}
    </Note>
  );
}

function useErrorText(error: unknown): string {
  const { errors } = useCommon().texts;
  if (error instanceof FileUnreadable) return errors.unreadable;
  if (error instanceof UploadRefused) return errors.refusedUpload;
  if (error instanceof ConnectionFailed) return errors.unreachable;
  if (error instanceof UnexpectedAnswer) return errors.unexpected;
  return error instanceof ApiError ? error.message : errors.broken(String(error));
}

export function Loading(): JSX.Element {
  const { texts } = useCommon();
  return (
    <p class="loading" role="status">
      <span class="spinner" aria-hidden="true" /> {texts.app.loading}
    </p>
  );
}

/** A part of the page cannot be loaded, as after an update of Sheaf: the page of now names the parts of now. */
export function PartMissing(): JSX.Element {
  const { texts } = useCommon();
  return (
    <Note kind="warning" title={texts.app.newVersion}>
      <Button onClick={() => location.reload()}>{texts.app.reload}</Button>
    </Note>
  );
}

/** What ties a field to its name and to what is said of it. */
export interface FieldIds {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
}

/** A field with its name, and what is to be said of it. */
export function Field({
  label,
  hint,
  fault,
  children,
}: {
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly fault?: string | undefined;
  readonly children: (ids: FieldIds) => ComponentChildren;
}): JSX.Element {
  const id = useId();
  const hintId = `${id}-hint`;
  const hasMore = hint !== undefined || fault !== undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': hasMore ? hintId : undefined,
        'aria-invalid': fault !== undefined,
      })}
      {hasMore && (
        <p class={fault === undefined ? 'hint' : 'hint fault'} id={hintId}>
          {fault ?? hint}
        </p>
      )}
    </div>
  );
}

export const Heading = ({
  title,
  children,
}: {
  readonly title: ComponentChildren;
  readonly children?: ComponentChildren;
}): JSX.Element => (
  <header class="heading">
    <h1 tabIndex={-1}>{title}</h1>
    {children !== undefined && <div class="heading-actions">{children}</div>}
  </header>
);

/** A value with its name beneath each other. */
export const Figure = ({
  label,
  children,
  title,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly title?: string;
}): JSX.Element => (
  <div class="figure" title={title}>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
);

/** Chooses one of a few. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, text: string])[];
  readonly onChange: (value: T) => void;
}): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {options.map(([option, text]) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            checked={option === value}
            onChange={() => onChange(option)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
/** A text that can be copied. */
export function CopyText({ text }: { readonly text: string }): JSX.Element {
  const { texts, tell } = useCommon();
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => tell(texts.app.copied),
      () => undefined,
    );
  };
  return (
    <div class="copy-text">
      <code>{text}</code>
      <Button icon="copy" onClick={copy}>
        {texts.app.copy}
      </Button>
    </div>
  );
}
