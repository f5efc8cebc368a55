/** `npm run demo`. */
require('../../preflight.cjs');
require('../../program.cjs')('cli/demo/main.ts', 'demo');
