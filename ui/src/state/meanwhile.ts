// A list takes a while to come, and events do not wait for it: what they told meanwhile is newer than the list, and wins.

/** What changed by name; `undefined` for what is gone. */
export type Changes<V> = ReadonlyMap<string, V | undefined>;

export class Meanwhile<V> {
  private readonly logs = new Set<Map<string, V | undefined>>();

  note(name: string, value: V | undefined): void {
    for (const log of this.logs) log.set(name, value);
  }

  /** Asks for something, and tells with the answer what changed until it came. */
  async during<A>(ask: () => Promise<A>): Promise<[A, Changes<V>]> {
    const log = new Map<string, V | undefined>();
    this.logs.add(log);
    try {
      return [await ask(), log];
    } finally {
      this.logs.delete(log);
    }
  }
}

/** A list with the changes over it. */
export function over<V extends { id: string }>(list: readonly V[], changes: Changes<V>): V[] {
  const came = [...changes.values()].filter((one): one is V & {} => one !== undefined);
  return [...list.filter(({ id }) => !changes.has(id)), ...came];
}
