#!/usr/bin/env node
/** `sheaf`, the package's program. */
require('../preflight.cjs');
require('../program.cjs')('cli/main.ts', 'sheaf');
