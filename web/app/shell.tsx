/** What is around every page: where one can go, and what all pages share. */
import type { JSX } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Button, ButtonLink, Heading, Loading, PartMissing } from '../parts/basics.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Guard } from '../parts/guard.tsx';
import { Icon } from '../parts/icons.tsx';
import { TaskList } from '../pages/taskList.tsx';
import { useApp } from './app.ts';
import { useTitle } from './hooks.ts';
import { laterPage, pageOf, PLACES, type Page } from './places.ts';
import { hrefOf, useRoute, type Route } from './router.ts';
import { useShortcuts } from './shortcuts.ts';

export function Shell(): JSX.Element {
  const { texts, signOut } = useApp();
  const route = useRoute();
  const [isHelpOpen, setHelpOpen] = useState(false);
  const openHelp = useCallback(() => setHelpOpen(true), []);
  useShortcuts(openHelp);
  const page = pageOf(route);
  const main = useRef<HTMLElement>(null);
  const place = route.path.slice(0, 2).join('/');
  const isFirst = useRef(true);
  useEffect(() => {
    // Another page: the keyboard and the screen reader begin at its top, not where the last one ended.
    if (!isFirst.current) {
      scrollTo(0, 0);
      main.current?.focus();
    }
    isFirst.current = false;
  }, [place]);
  const current = page === 'task' ? 'tasks' : page;

  return (
    <div class="shell">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {texts.app.skip}
      </a>
      <nav class="side" aria-label={texts.app.navigation}>
        <a class="brand" href={hrefOf(['tasks'])}>
          <img src="icon.svg" alt="" width="28" height="28" />
          <span>Sheaf</span>
        </a>
        <ButtonLink icon="plus" kind="main" href={hrefOf(['new'])}>
          {texts.app.newTask}
        </ButtonLink>
        <ul>
          {PLACES.map(([name, icon]) => (
            <li key={name}>
              <a href={hrefOf([name])} aria-current={current === name ? 'page' : undefined}>
                <Icon name={icon} />
                <span>{texts.app[name]}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="side-end">
          <Button kind="quiet" icon="help" onClick={openHelp}>
            {texts.app.help}
          </Button>
          <Button kind="quiet" icon="out" onClick={() => signOut()}>
            {texts.app.signOut}
          </Button>
        </div>
      </nav>
      <main id="content" ref={main} tabIndex={-1}>
        {/* Another task is another page. */}
        <Guard key={place}>
          {page === 'tasks' ? <TaskList route={route} /> : <Later name={page} route={route} />}
        </Guard>
      </main>
      {isHelpOpen && <Help onClose={() => setHelpOpen(false)} />}
    </div>
  );
}

function Later({ name, route }: { readonly name: string; readonly route: Route }): JSX.Element {
  const { addTexts } = useApp();
  const [state, setState] = useState<{ Page?: Page; isBroken?: boolean }>({});
  const later = laterPage(name);
  useEffect(() => {
    if (!later) return;
    Promise.all([later.load(), addTexts(later.texts)]).then(
      ([Page]) => setState({ Page }),
      () => setState({ isBroken: true }),
    );
  }, [name]);
  if (!later) return <NotFound />;
  if (state.isBroken) return <PartMissing />;
  return state.Page ? <state.Page route={route} /> : <Loading />;
}

function NotFound(): JSX.Element {
  const { texts } = useApp();
  useTitle('');
  return (
    <>
      <Heading title={texts.app.notFound} />
      <ButtonLink href={hrefOf(['tasks'])}>{texts.app.home}</ButtonLink>
    </>
  );
}

function Help({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { texts } = useApp();
  const places = PLACES.map(([name, , key]) => [['g', key], texts.app[name]] as const);
  const keys: readonly (readonly [readonly string[], string])[] = [
    ...places,
    [['n'], texts.app.newTask],
    [['/'], texts.help.search],
    [['?'], texts.help.help],
    [['Esc'], texts.help.close],
  ];
  return (
    <Dialog title={texts.help.title} onClose={onClose}>
      <dl class="keys">
        {keys.map(([pressed, text]) => (
          <div key={text}>
            <dt>
              {pressed.map((key, i) => (
                <span key={key}>
                  {i > 0 && ` ${texts.help.then} `}
                  <kbd>{key}</kbd>
                </span>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
