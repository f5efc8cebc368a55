/** The console begins here: what has to come before everything else. */
import { config } from 'zod';
import { takeKeyFromAddress } from './app/session.ts';

// So that the key is in the address for no longer than it must.
takeKeyFromAddress();
// A link with a key may be opened in a tab that shows the page already: nothing else is to take it for a page's address.
addEventListener('hashchange', takeKeyFromAddress);

// Schemas are not compiled into functions, which the page's policy forbids. They ask for it when they are
// made, so it is said before any is loaded.
config({ jitless: true });

import('./app/start.tsx')
  .then(({ start }) => start())
  .catch((error: unknown) => {
    // There are no texts yet: in both languages.
    document.body.textContent = `Sheaf cannot be reached. 无法连接到 Sheaf。 ${String(error)}`;
  });
