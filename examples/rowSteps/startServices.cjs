/** `npm run demo:services`. */
require('../../preflight.cjs');
require('../../program.cjs')('examples/rowSteps/servicesMain.ts', 'rowStepsServices');
