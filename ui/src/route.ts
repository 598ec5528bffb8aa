// Where the page is: path and query, in the address, so that every view can be linked to.
import { computed, signal } from '@preact/signals';

interface Place {
  path: string;
  query: URLSearchParams;
}

const read = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

export const place = signal(read());
export const path = computed(() => place.value.path);

export function go(to: string, how: 'push' | 'replace' = 'push'): void {
  if (to === location.pathname + location.search) return;
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', to);
  place.value = read();
  if (how === 'push') window.scrollTo(0, 0);
}

/** A word of the query, empty when it is not there. */
export const asked = (name: string): string => place.value.query.get(name) ?? '';

/** Changes words of the query without a new step in the history. Empty takes a word out. */
export function setQuery(changes: Record<string, string>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : ''), 'replace');
}

/** Turns clicks on plain links into steps inside the page. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.('a');
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

window.addEventListener('popstate', () => (place.value = read()));
