/** All benchmarks, in the order in which they are shown and run. */
import type { Benchmark } from './benchmark.ts';
import { job } from './job.ts';
import { rendering } from './rendering/benchRendering.ts';
import { segments } from './segmentWriter.ts';

export const BENCHMARKS: readonly Benchmark[] = [rendering, segments, job];
