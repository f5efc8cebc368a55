/** `npm start`: runs the application on this machine until it is told to stop. */
import { inPlainWords } from './disk/diskFault.ts';
import { banner, isStyled } from './banner.ts';
import { HELP } from './help.ts';
import { startLocalCloud } from './localCloud.ts';
import { readSettings, type Settings } from './settings.ts';

const EXIT = { stopped: 0, failed: 1, usage: 2, forced: 130 } as const;

const print = (text: string) => process.stdout.write(text);
const complain = (error: unknown) => {
  process.stderr.write(`${inPlainWords(error)}\n`);
};

/** Resolves when someone asks for the end; a second request ends at once, whatever is under way. */
function stopRequested({ stopWithParent }: Settings): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = () => {
      if (asked) process.exit(EXIT.forced);
      asked = true;
      resolve();
    };
    process.on('SIGINT', ask);
    process.on('SIGTERM', ask);
    // start.cjs has been asked, or is gone.
    process.on('disconnect', () => resolve());
    if (stopWithParent) {
      process.stdin.on('end', () => resolve()).on('error', () => resolve());
      process.stdin.resume();
    }
  });
}

async function run(settings: Settings): Promise<void> {
  const say = (text: string) => void (settings.quiet || print(text));
  let onBroken: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => (onBroken = reject));
  let onUnused: () => void = () => undefined;
  const unused = new Promise<void>((resolve) => (onUnused = resolve));
  const ending = Promise.race([stopRequested(settings), unused, broken]);
  const started = startLocalCloud(settings, {
    onSynthesis: () => say('Reading infra/ (once after a change; it takes some seconds) …\n'),
    onError: (line) => complain(line),
    onBroken,
    onUnused,
  });
  const cloud = await Promise.race([started, ending]);
  if (!cloud) return;
  const styled = isStyled(process.stdout.isTTY, process.env);
  say(banner({ ...cloud, styled }));
  try {
    await ending;
  } finally {
    say('Stopping …\n');
    await cloud.stop();
  }
}

async function main([option]: readonly string[]): Promise<void> {
  if (option === '--help' || option === '-h') {
    print(HELP);
  } else if (option !== undefined) {
    complain(
      `npm start takes no ${option}. Settings are environment variables: npm start -- --help`,
    );
    process.exitCode = EXIT.usage;
  } else {
    // Lambda's clock; it holds for the functions' threads too.
    process.env.TZ = 'UTC';
    try {
      const settings = readSettings(process.env);
      await run(settings).then(
        () => process.exit(EXIT.stopped),
        (error: unknown) => {
          complain(error);
          process.exit(EXIT.failed);
        },
      );
    } catch (error) {
      complain(error);
      process.exitCode = EXIT.usage;
    }
  }
}

void main(process.argv.slice(2));
