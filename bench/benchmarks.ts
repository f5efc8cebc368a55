/** All benchmarks, in the order in which they are shown and run. */
import type { Benchmark } from './benchmark.ts';
import { join } from './archive/join.ts';
import { ingest } from './ingest/ingest.ts';
import { job } from './job.ts';
import { rendering } from './rendering/benchRendering.ts';
import { archive } from './archive/archive.ts';

export const BENCHMARKS: readonly Benchmark[] = [rendering, archive, join, ingest, job];
