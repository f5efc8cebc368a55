/** `npm run demo:steps`. */
require('../../preflight.cjs');
require('../../program.cjs')('examples/rowSteps/main.ts', 'rowSteps');
