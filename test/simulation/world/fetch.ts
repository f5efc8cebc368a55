/**
 * Request, Response and Headers of the simulated world: what the API's function, its router and the client use of those of
 * the platform, whose own take longer than all that is asked by them. Put in their place by the bundle (bundle.ts).
 * A body is a text or bytes, and is there as a whole.
 */

type Fields =
  LightHeaders | Readonly<Record<string, string>> | readonly (readonly [string, string])[];
type Body = string | Uint8Array | null | undefined;

class LightHeaders {
  readonly #fields = new Map<string, string>();

  constructor(fields: Fields = {}) {
    const entries: Iterable<readonly [string, string]> =
      fields instanceof LightHeaders || Array.isArray(fields)
        ? (fields as Iterable<readonly [string, string]>)
        : Object.entries(fields);
    for (const [name, value] of entries) this.set(name, value);
  }
  get(name: string): string | null {
    return this.#fields.get(name.toLowerCase()) ?? null;
  }
  set(name: string, value: string): void {
    this.#fields.set(name.toLowerCase(), String(value));
  }
  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${value}`);
  }
  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }
  delete(name: string): void {
    this.#fields.delete(name.toLowerCase());
  }
  forEach(each: (value: string, name: string) => void): void {
    for (const [name, value] of this) each(value, name);
  }
  /** In the order of their names, as the platform gives them. */
  entries(): IterableIterator<[string, string]> {
    return [...this.#fields].sort(([a], [b]) => (a < b ? -1 : 1)).values();
  }
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

class Message {
  readonly headers: LightHeaders;
  readonly body: Body;
  bodyUsed = false;

  constructor(body: Body, fields: Fields | undefined) {
    this.headers = new LightHeaders(fields);
    this.body = body;
  }
  #take(): Body {
    if (this.bodyUsed) throw new TypeError('The body was read before.');
    this.bodyUsed = this.body !== null && this.body !== undefined;
    return this.body;
  }
  async text(): Promise<string> {
    const body = this.#take() ?? '';
    return typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  }
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
  async arrayBuffer(): Promise<ArrayBuffer> {
    const body = this.#take() ?? '';
    return new Uint8Array(typeof body === 'string' ? Buffer.from(body) : body).buffer;
  }
}

class LightRequest extends Message {
  readonly url: string;
  readonly method: string;

  constructor(
    url: string | URL,
    { method = 'GET', headers, body }: { method?: string; headers?: Fields; body?: Body } = {},
  ) {
    super(body, headers);
    this.url = String(url);
    this.method = method;
  }
}

class LightResponse extends Message {
  readonly status: number;
  readonly ok: boolean;

  constructor(body?: Body, { status = 200, headers }: { status?: number; headers?: Fields } = {}) {
    super(body, headers);
    this.status = status;
    this.ok = status >= 200 && status < 300;
  }
  static json(value: unknown, { status = 200 }: { status?: number } = {}): LightResponse {
    const headers = { 'content-type': 'application/json' };
    return new LightResponse(JSON.stringify(value), { status, headers });
  }
}

export { LightHeaders as Headers, LightRequest as Request, LightResponse as Response };
