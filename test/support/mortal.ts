/** A process that ends at a call to the outside, or in whose middle something else happens. */
import type { Ports } from '../../shared/ports.ts';

export class Died extends Error {}

/**
 * The same world as a process sees it that dies at its `at`-th call, before or behind its effect; nothing
 * that it calls later happens either.
 * @param instead what happens before that call in place of death
 */
export function mortal<P extends Ports>(
  ports: P,
  at: number,
  when: 'before' | 'behind',
  { instead }: { instead?: () => Promise<void> } = {},
) {
  let calls = 0;
  let dead = false;
  async function live<T>(effect: () => T | Promise<T>): Promise<T> {
    if (dead) throw new Died();
    if (++calls !== at) return effect();
    if (instead) {
      await instead();
      return effect();
    }
    dead = true;
    if (when === 'behind') await effect();
    throw new Died();
  }
  const port = <T extends object>(of: T): T =>
    new Proxy(of, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => live(() => Reflect.apply(value, target, args) as unknown);
      },
    });
  return {
    ports: {
      ...ports,
      table: port(ports.table),
      objects: port(ports.objects),
      connections: port(ports.connections),
      workflow: port(ports.workflow),
    },
    died: () => dead,
    revive: () => void (dead = false),
  };
}
