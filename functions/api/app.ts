/** The HTTPS API: Hono over the table of routes. */
import { Hono, type Context } from 'hono';
import { routePath } from 'hono/route';
import { linkTo, servicePaths } from '../../shared/api/paths.ts';
import { API_BASE_PATH } from '../../shared/names.ts';
import { Problem } from '../../shared/problems.ts';
import type { Fetch, HttpCaller } from '../runtime/http.ts';
import { problemResponse } from '../runtime/problemResponse.ts';
import { readBytesBody, readJsonBody } from './requestBody.ts';
import { toResponse } from './response.ts';
import type { ApiPorts } from './request.ts';
import type { Route } from './route.ts';

type ApiContext = Context<{ Bindings: HttpCaller }>;

/** Answers requests by the routes; whatever goes wrong is answered as a problem document. */
export function createApp(ports: ApiPorts, routes: readonly Route[]): Fetch {
  const app = new Hono<{ Bindings: HttpCaller }>();
  app.use(async (c, next) => {
    const begun = ports.clock.now();
    await next();
    const { status } = c.res;
    // The pattern, not the path: whatever a client wrote there stays out of the log.
    const route = `${c.req.method} ${routePath(c, -1)}`;
    const fields = { requestId: c.env.requestId, route, status, ms: ports.clock.now() - begun };
    ports.log.info('Answered a request.', fields);
  });
  for (const route of routes) {
    app.on(route.method, honoPath(route.path), (c) => answer(ports, route, c));
  }
  for (const [path, methods] of methodsByPath(routes)) {
    app.all(path, (c) =>
      problemResponse(ports.log, wrongMethod(methods), at(c), { allow: methods }),
    );
  }
  app.notFound((c) => problemResponse(ports.log, nothingHere(), at(c)));
  app.onError((error, c) => problemResponse(ports.log, error, at(c)));
  return (request, caller) => app.fetch(request, caller);
}

async function answer(ports: ApiPorts, route: Route, c: ApiContext): Promise<Response> {
  const reply = await route.respond(ports, {
    ownerId: route.public ? '' : requireOwner(c.env),
    params: c.req.param(),
    query: new URL(c.req.url).searchParams,
    body: route.takesBytes
      ? await readBytesBody(c.req.raw)
      : await readJsonBody(c.req.raw, route.body),
    idempotencyKey: c.env.idempotencyKey,
  });
  return toResponse(route, reply, {
    accept: c.req.header('accept'),
    ifNoneMatch: c.req.header('if-none-match'),
  });
}

/** The gateway's authorizer lets nobody in without a key; this holds if it is ever missing. */
function requireOwner({ ownerId }: HttpCaller): string {
  if (ownerId !== undefined) return ownerId;
  throw new Problem(
    'UNAUTHORIZED',
    'This route needs an API key: send the header Authorization: Bearer <API key>.',
  );
}

/** /batch/tasks/{taskId} below the base path, as Hono writes it. */
const honoPath = (path: string) => API_BASE_PATH + path.replace(/\{(\w+)\}/g, ':$1');

/** The methods of each path, for the Allow header (RFC 9110, section 10.2.1). */
function methodsByPath(routes: readonly Route[]): Map<string, string> {
  const methods = new Map<string, string>();
  for (const { path, method } of routes) {
    const others = methods.get(honoPath(path));
    const own = method === 'GET' ? 'GET, HEAD' : method;
    methods.set(honoPath(path), others === undefined ? own : `${others}, ${own}`);
  }
  return methods;
}

const wrongMethod = (methods: string) =>
  new Problem('NOT_FOUND', `This path does not take the method. It takes ${methods}.`);

const nothingHere = () =>
  new Problem(
    'NOT_FOUND',
    `There is no such path. GET ${linkTo(servicePaths.openApi)} lists them.`,
  );

const at = (c: ApiContext) => ({ path: c.req.path, requestId: c.env.requestId });
