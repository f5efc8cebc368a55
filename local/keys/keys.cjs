/** `npm run keys`. */
require('../../preflight.cjs');
require('../bundle.cjs')('local/keys/main.ts', 'keys.mjs');
