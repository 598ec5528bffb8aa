// What this browser keeps between visits. Where it keeps nothing, as in some private windows, things are kept until the
// page is closed: reading or writing must never be what breaks it.

export type Keeps = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Something that browsers refuse to hand out by throwing. */
export function reachable<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

export function safe(get: () => Storage): Keeps {
  const real = reachable(get);
  const memory = new Map<string, string>();
  return {
    getItem: (name) => memory.get(name) ?? reachable(() => real?.getItem(name)) ?? null,
    setItem(name, value) {
      try {
        if (!real) throw new Error('no storage');
        real.setItem(name, value);
        memory.delete(name);
      } catch {
        memory.set(name, value);
      }
    },
    removeItem(name) {
      memory.delete(name);
      reachable(() => real?.removeItem(name));
    },
  };
}

export const storage = safe(() => window.localStorage);
export const tab = safe(() => window.sessionStorage);
