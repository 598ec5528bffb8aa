// Words of others where it matters what they are: characters that hide, or turn others round, are shown by their number.
const hidden = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e007f}])/u;

export const numberOf = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

export function Plain({ text }: { text: string }) {
  if (!hidden.test(text)) return <>{text}</>;
  return <>{text.split(hidden).map((part, n) => (n % 2 ? <mark key={n} class="hidden-character">{numberOf(part)}</mark> : part))}</>;
}
