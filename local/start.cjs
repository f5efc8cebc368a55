/**
 * `npm start`. On Linux this process only starts the local cloud and waits for it: how many memory pools
 * glibc has must be said before a process begins. With its own number, eight for each core, every
 * thread that has ended leaves a pool behind that is as large as it ever was
 * (docs/adr/0042-instances-by-their-memory.md).
 */
require('../preflight.cjs');
const { spawn } = require('node:child_process');

/** As many as cores can use at a time; more make nothing faster here. */
const MEMORY_POOLS = '2';

/** A second request to stop is followed by force if the local cloud does not end by itself, in ms. */
const GRACE_MS = 500;
const FORCED = 130;

/**
 * Runs the local cloud as a child, with this process's terminal and signals. It ends when this one does,
 * however that is: a channel between them closes.
 */
function runAsChild() {
  const child = spawn(
    process.execPath,
    [...process.execArgv, __filename, ...process.argv.slice(2)],
    {
      env: { ...process.env, MALLOC_ARENA_MAX: MEMORY_POOLS },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  );
  let asked = false;
  const ask = () => {
    // From a terminal the child has had the same signal.
    if (asked) setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    else if (child.connected) child.disconnect();
    asked = true;
  };
  process.on('SIGINT', ask).on('SIGTERM', ask);
  child.on('exit', (code) => process.exit(code ?? (asked ? FORCED : 1)));
}

if (process.platform === 'linux' && process.env.MALLOC_ARENA_MAX === undefined) runAsChild();
else require('../program.cjs')('local/main.ts', 'local-cloud');
