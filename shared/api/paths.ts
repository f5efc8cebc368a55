/**
 * Paths that others than the routes' own descriptions name: links in answers and events, and what the
 * gateway lets pass without a key. Apart from the schemas, which take a worker 50 ms to load.
 */
import { API_BASE_PATH } from '../names.ts';

/** Of tasks. */
export const taskPaths = {
  tasks: '/batch/tasks',
  task: '/batch/tasks/{taskId}',
  start: '/batch/tasks/{taskId}/start',
  pause: '/batch/tasks/{taskId}/pause',
  resume: '/batch/tasks/{taskId}/resume',
  cancel: '/batch/tasks/{taskId}/cancel',
  retry: '/batch/tasks/{taskId}/retry',
  progress: '/batch/tasks/{taskId}/progress',
  log: '/batch/tasks/{taskId}/log',
  download: '/batch/tasks/{taskId}/download/zip',
  results: '/batch/tasks/{taskId}/download/results',
  documents: '/batch/tasks/{taskId}/documents',
  row: '/batch/tasks/{taskId}/rows/{row}',
  failures: '/batch/tasks/{taskId}/failures',
  deliveries: '/batch/tasks/{taskId}/deliveries',
} as const;

/** Of checks of an order. */
export const checkPaths = {
  checks: '/batch/checks',
  check: '/batch/checks/{checkId}',
  report: '/batch/checks/{checkId}/report',
} as const;

/** Of samples of an order. */
export const samplePaths = {
  samples: '/batch/samples',
  sample: '/batch/samples/{sampleId}',
} as const;

/** What services call back: the URL itself is the key. */
export const callbackPaths = { callback: '/callbacks/{callback}' } as const;

/** Of the service itself: they need no key. */
export const servicePaths = { health: '/health', openApi: '/openapi.json' } as const;

/**
 * A path with its parameters filled in.
 * @param path in OpenAPI form, such as /batch/tasks/{taskId}
 * @throws Error when a parameter is missing
 */
export const fillPath = (path: string, params: Readonly<Record<string, unknown>> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (typeof value === 'string' || typeof value === 'number') return encodeURIComponent(value);
    throw new Error(`The path ${path} needs the parameter ${name}.`);
  });

/** The same with the base path, as links have it. */
export const linkTo = (path: string, params?: Readonly<Record<string, string>>): string =>
  API_BASE_PATH + fillPath(path, params);
