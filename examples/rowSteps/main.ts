/** `npm run demo:steps`: briefs become pictures by two services that are called for every row. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain } from '../../cli/errors.ts';
import { count } from '../../cli/terminal/words.ts';
import { interruption } from './interruption.ts';
import { playScenario, type Played } from './scenario.ts';
import { LIKE_REAL_ONES, startServices } from './services.ts';

const EXIT = { done: 0, failed: 1, interrupted: 130 } as const;
/** What the person sees at the end. */
function summary(played: Played): string {
  const { figures, atKill, claims, lowestRate, mostWaiting } = played;
  const lines = [
    '',
    `Pictures  ${count(played.pictures)} in ${played.seconds.toFixed(1)} s, the killing and starting included`,
    `Archive   ${played.archive} · every entry read back and checked`,
    `Results   ${played.results}`,
    `Calls     ${count(figures.asked)} asked · ${count(figures.paid)} paid, ${count(atKill.paid)} of them before the kill · ${count(figures.paidTwice)} paid twice`,
    `          of those asked: ${count(figures.throttled)} too many (429), ${count(figures.broken)} broken (503), ${count(figures.silent)} never answered, ${count(figures.repeated)} answered from what was kept`,
    `Slowest   ${lowestRate === undefined ? 'the pace never fell' : `${lowestRate.toFixed(1)} calls/s, as the service took no more`} · up to ${count(mostWaiting)} calls waited · at most ${count(figures.mostInASecond)} were taken in a second`,
    '',
    ...claims.map(({ what, holds }) => `${holds ? 'ok    ' : 'NOT OK'}    ${what}`),
  ];
  return `${lines.join('\n')}\n`;
}

async function run(signal: AbortSignal): Promise<boolean> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sheaf-steps-'));
  const services = await startServices(LIKE_REAL_ONES);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(
    `Services  ${services.url}: a workflow of Dify and pictures, ${LIKE_REAL_ONES.perSecond} calls a second each`,
  );
  say('Starting the local cloud …');
  try {
    const out = 'out';
    await mkdir(out, { recursive: true });
    const briefs = 'examples/rowSteps/briefs.csv';
    const scenario = { dataDir, briefs, out, services, key: LIKE_REAL_ONES.key, signal, say };
    const played = await playScenario(scenario);
    process.stdout.write(summary(played));
    return played.claims.every(({ holds }) => holds);
  } finally {
    await services.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const interrupted = interruption();
  try {
    process.exitCode = (await run(interrupted)) ? EXIT.done : EXIT.failed;
  } catch (error) {
    const { message, more } = explain(error);
    process.stderr.write(`${[message, ...more].join('\n  ')}\n`);
    process.exitCode = interrupted.aborted ? EXIT.interrupted : EXIT.failed;
  }
}

void main();
