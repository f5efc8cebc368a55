/** Which route a message takes: what the API's RouteSelectionExpression finds in it. */

/**
 * Reads a RouteSelectionExpression.
 * @returns the route key of a message; '' for one that is no JSON object or has no such field
 * @throws for an expression of another form than $request.body.a.b
 */
export function routeSelection(expression: string): (text: string) => string {
  const [, path] = /^\$request\.body\.([\w.]+)$/.exec(expression) ?? [];
  if (path === undefined) {
    throw new Error(`The route selection ${expression} is not of the form $request.body.name.`);
  }
  const names = path.split('.');
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return '';
    }
    for (const name of names) {
      if (typeof value !== 'object' || value === null) return '';
      value = Object.entries(value).find(([key]) => key === name)?.[1];
    }
    // Keys that begin with $ are the gateway's own.
    const key = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return key.startsWith('$') ? '' : key;
  };
}
