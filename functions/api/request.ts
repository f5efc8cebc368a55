/** Requests to routes, before and after they are parsed, and what is known of whoever answers them. */
import type { Creation } from '../../shared/creation.ts';
import type { ConnectionSecrets, Ports } from '../../shared/ports.ts';

/** The ports that the use cases behind the routes need: they call no servers of others, nor read what is sent to them. */
export type ApiPorts = Omit<Ports, 'web' | 'connectionSecrets' | 'apiUrl'> & {
  readonly connectionSecrets: Omit<ConnectionSecrets, 'read'>;
};

/** A request's parts, as they came. */
export interface RawRequest {
  /** Whose API key it was; empty on public routes only. */
  readonly ownerId: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined when there is none. */
  readonly body: unknown;
  /** The header's value; undefined when there is none. */
  readonly idempotencyKey: string | undefined;
}

/** The same once it is parsed. */
export type ParsedRequest = Readonly<Record<'params' | 'query' | 'body', unknown>> & {
  readonly ownerId: string;
};

/** A handler of a route that creates, whatever its schemas (route.ts). */
export interface AnyCreatingHandler {
  make(
    ports: ApiPorts,
    request: ParsedRequest,
    creation: Creation,
  ): Promise<Record<string, unknown>>;
  fresh(
    ports: ApiPorts,
    request: ParsedRequest,
    kept: Record<string, unknown>,
  ): Promise<Record<string, unknown>>;
}
