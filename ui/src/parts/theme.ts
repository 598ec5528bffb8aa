// Light, dark, or as the system has it.
import { signal } from '@preact/signals';
import { storage } from '../link/storage';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'mc_theme';

const kept = storage.getItem(KEY);
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system');

export function setTheme(next: Theme): void {
  theme.value = next;
  if (next === 'system') {
    storage.removeItem(KEY);
    delete document.documentElement.dataset['theme'];
  } else {
    storage.setItem(KEY, next);
    document.documentElement.dataset['theme'] = next;
  }
}
