// What was typed and not saved yet: kept while other pages are looked at, and asked about before the tab is closed.
import { useEffect, useState } from 'preact/hooks';

const kept = new Map<string, unknown>();

/** A state that survives leaving the page it is on, by a name. `undefined` is nothing. */
export function useDraft<T>(name: string): [T | undefined, (value: T | undefined) => void] {
  const [value, setValue] = useState(() => kept.get(name) as T | undefined);
  return [value, (next) => {
    if (next === undefined) kept.delete(name);
    else kept.set(name, next);
    setValue(() => next);
  }];
}

/** The browser asks before it closes a tab with something unsaved. */
export function useAsking(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', stay);
    return () => window.removeEventListener('beforeunload', stay);
  }, [unsaved]);
}
