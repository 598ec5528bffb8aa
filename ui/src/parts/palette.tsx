// Everything by name: pages, sessions, actions.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { shortKey } from '../format';
import { pages } from '../pages';
import { go } from '../route';
import { titleOf } from '../shapes';
import { sessions } from '../state/sessions';
import { T } from '../text';
import { Modal } from './dialog';
import { Icon, type IconName } from './icons';
import { keysOpen } from './keys';
import { askToForget } from './link-pill';
import { paletteOpen } from './palette-open';
import { setTheme } from './theme';

export { paletteOpen } from './palette-open';

interface Entry {
  name: string;
  words: string;
  kind: string;
  icon: IconName;
  run: () => void;
}

/** How well a query fits: every letter in order; the beginning of words counts more. 0 is no fit. */
export function fit(query: string, text: string): number {
  if (query === '') return 1;
  const words = text.toLowerCase();
  const asked = query.toLowerCase();
  const at = words.indexOf(asked);
  if (at >= 0) return 100 - Math.min(at, 50) + (at === 0 || words[at - 1] === ' ' ? 40 : 0);
  let from = 0;
  let score = 10;
  for (const letter of asked) {
    const next = words.indexOf(letter, from);
    if (next < 0) return 0;
    score -= Math.min(next - from, 3) * 0.3;
    from = next + 1;
  }
  return Math.max(score, 0.5);
}

function entries(): Entry[] {
  const list: Entry[] = pages.map((page) => ({ name: page.name, words: page.name, kind: T.palette.page, icon: page.icon, run: () => go(page.path) }));
  for (const row of sessions.value.slice(0, 500)) {
    const name = titleOf(row, shortKey(row.key));
    list.push({ name, words: `${name} ${row.key}`, kind: T.palette.session, icon: 'chat', run: () => go(`/chat?session=${encodeURIComponent(row.key)}`) });
  }
  list.push(
    { name: T.chat.fresh, words: T.chat.fresh, kind: T.palette.action, icon: 'plus', run: () => go('/chat?new=1') },
    { name: T.theme.dark, words: `${T.theme.label} ${T.theme.dark}`, kind: T.palette.theme, icon: 'moon', run: () => setTheme('dark') },
    { name: T.theme.light, words: `${T.theme.label} ${T.theme.light}`, kind: T.palette.theme, icon: 'sun', run: () => setTheme('light') },
    { name: T.theme.system, words: `${T.theme.label} ${T.theme.system}`, kind: T.palette.theme, icon: 'sun', run: () => setTheme('system') },
    { name: T.keys.title, words: T.keys.title, kind: T.palette.action, icon: 'key', run: () => (keysOpen.value = true) },
    { name: T.link.forget, words: T.link.forget, kind: T.palette.action, icon: 'trash', run: askToForget },
  );
  return list;
}

export function Palette() {
  return paletteOpen.value ? <Open /> : null;
}

function Open() {
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const all = useMemo(entries, []);
  const found = useMemo(
    () => all.map((entry) => ({ entry, score: fit(query, entry.words) })).filter(({ score }) => score > 0).sort((a, b) => b.score - a.score).slice(0, 40).map(({ entry }) => entry),
    [query],
  );
  const close = () => (paletteOpen.value = false);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    entry.run();
  };
  useEffect(() => document.getElementById(`palette-${at}`)?.scrollIntoView({ block: 'nearest' }), [at]);
  return (
    <Modal name="palette" label={T.palette.label} onClose={close}>
      <input
        role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={found.length > 0 ? `palette-${at}` : undefined} aria-label={T.palette.label}
        placeholder={T.palette.placeholder} value={query} autoFocus
        onInput={(event) => { setQuery(event.currentTarget.value); setAt(0); }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.max(0, Math.min(at + 1, found.length - 1)));
          else if (event.key === 'ArrowUp') setAt(Math.max(at - 1, 0));
          else if (event.key === 'Enter') run(found[at]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="palette-list" role="listbox" aria-label={T.palette.label}>
        {found.map((entry, n) => (
          <li key={`${entry.kind} ${entry.words}`} id={`palette-${n}`} role="option" aria-selected={n === at} onPointerMove={() => setAt(n)} onClick={() => run(entry)}>
            <Icon name={entry.icon} />
            <span class="cut">{entry.name}</span>
            <span class="hint">{entry.kind}</span>
          </li>
        ))}
        {found.length === 0 && <li role="option" aria-selected="false" class="soft">{T.palette.none}</li>}
      </ul>
    </Modal>
  );
}
