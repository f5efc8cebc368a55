/** Adds a value to the list of its key. */
export function append<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const present = map.get(key);
  if (present) present.push(value);
  else map.set(key, [value]);
}
