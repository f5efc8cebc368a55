/** `npm run keys`. */
require('../../preflight.cjs');
require('../../program.cjs')('local/keys/main.ts', 'keys');
