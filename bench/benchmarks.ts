/** All benchmarks, in the order in which they are shown and run. */
import { archive } from './archive/archive.ts';
import { join } from './archive/join.ts';
import type { Benchmark } from './benchmark.ts';
import { calls } from './calls/calls.ts';
import { crowd } from './crowd/crowd.ts';
import { day } from './day/day.ts';
import { ingest } from './ingest/ingest.ts';
import { job } from './job/job.ts';
import { latency } from './latency/latency.ts';
import { million } from './million.ts';
import { readme } from './readme.ts';
import { rendering } from './rendering/rendering.ts';

export const BENCHMARKS: readonly Benchmark[] = [
  rendering,
  archive,
  join,
  ingest,
  job,
  latency,
  day,
  crowd,
  calls,
  million,
  readme,
];
