// What keys do on every page.
import { signal } from '@preact/signals';
import { go } from '../route';
import { paletteOpen } from './palette-open';

export const keysOpen = signal(false);

const places: Record<string, string> = { o: '/', c: '/chat', s: '/sessions', a: '/approvals', l: '/logs', n: '/nodes', t: '/stats' };
let afterG = 0;

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) || target.closest('.editor-box') !== null);

/** Moves the focus among the rows of the list that is marked for it. */
function move(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.findIndex((row) => row === document.activeElement || row.contains(document.activeElement));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      paletteOpen.value = !paletteOpen.value;
      return;
    }
    if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target) || document.querySelector('dialog[open]')) return;
    if (event.key === 'g') {
      afterG = Date.now();
      return;
    }
    const place = places[event.key];
    if (place && Date.now() - afterG < 1000) {
      afterG = 0;
      go(place);
      return;
    }
    afterG = 0;
    if (event.key === '?') keysOpen.value = true;
    else if (event.key === 'j') move(1);
    else if (event.key === 'k') move(-1);
    else if (event.key === '/') {
      const field = document.querySelector<HTMLElement>('[data-search]');
      if (field) {
        event.preventDefault();
        field.focus();
      }
    }
  });
}
