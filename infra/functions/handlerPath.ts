/** Where the handler of a function is, from the root of the repository. */
import type { FunctionName } from '../../shared/names.ts';

export type HandlerPath = `functions/${FunctionName}/handler.ts`;

export const handlerPath = <Name extends FunctionName>(
  name: Name,
): `functions/${Name}/handler.ts` => `functions/${name}/handler.ts`;

/** The function whose handler a path leads to. */
export function functionName(path: HandlerPath): FunctionName {
  const [, name] = path.split('/');
  return name as FunctionName;
}
