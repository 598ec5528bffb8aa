// Numbers, money, ages and names, as people read them.
import { T } from './text';

export function count(value: number): string {
  const size = Math.abs(value);
  if (size < 1000) return String(Math.round(value * 10) / 10);
  if (size < 10_000) return `${(value / 1000).toFixed(1).replace(/\.0$/, '')}k`;
  if (size < 1_000_000) return `${Math.round(value / 1000)}k`;
  if (size < 10_000_000) return `${(value / 1_000_000).toFixed(1).replace(/\.0$/, '')}M`;
  return `${Math.round(value / 1_000_000)}M`;
}

export function exact(value: number): string {
  return value.toLocaleString('en-US');
}

export function money(dollars: number): string {
  if (dollars === 0) return '$0';
  if (dollars < 0.0001) return '<$0.0001';
  if (dollars < 0.01) return `$${dollars.toFixed(4)}`;
  if (dollars < 100) return `$${dollars.toFixed(2)}`;
  return `$${Math.round(dollars).toLocaleString('en-US')}`;
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

export function millis(ms: number): string {
  if (ms < 1) return `<1 ${T.time.ms}`;
  if (ms < 1000) return `${Math.round(ms)} ${T.time.ms}`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} ${T.time.s}`;
  return span(ms);
}

/** A span of time in its two largest units. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} ${T.time.s}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 && minutes < 10 ? `${minutes} ${T.time.min} ${seconds % 60} ${T.time.s}` : `${minutes} ${T.time.min}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} ${T.time.h} ${minutes % 60} ${T.time.min}` : `${hours} ${T.time.h}`;
  const days = Math.floor(hours / 24);
  return hours % 24 && days < 10 ? `${days} ${T.time.d} ${hours % 24} ${T.time.h}` : `${days} ${T.time.d}`;
}

/** How long ago something was, or how soon it will be; `bare` leaves out the word for the past. */
export function ago(at: number, now: number, bare = false): string {
  const ms = now - at;
  if (ms < -1500) return T.time.in(coarse(-ms));
  if (ms < 5000) return T.time.now;
  return bare ? coarse(ms) : T.time.ago(coarse(ms));
}

function coarse(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} ${T.time.s}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} ${T.time.min}`;
  const hours = Math.round(minutes / 60);
  if (hours < 36) return `${hours} ${T.time.h}`;
  return `${Math.round(hours / 24)} ${T.time.d}`;
}

const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'short', month: 'short', day: 'numeric' });

const some = (form: Intl.DateTimeFormat) => (at: number): string => (isTime(at) ? form.format(at) : '–');

/** Whether a number is a time that a calendar has; anything else would throw when it is written. */
export const isTime = (at: unknown): at is number => typeof at === 'number' && Math.abs(at) <= 8.64e15;

export const absolute = some(whole);
export const hour = some(clock);
export const exactHour = some(new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }));
export const date = some(day);

/** Today by this browser's clock, as the gateway names days. */
export function today(now: number): string {
  const at = new Date(now);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
}

/** The part of a session's key that people chose: `agent:main:trip` is `trip`. */
export function shortKey(key: string): string {
  return /^agent:[^:]+:(.+)$/.exec(key)?.[1] ?? key;
}

/** The words of a text without the signs of its markdown, for a line that shows how it begins. */
export function spoken(text: string): string {
  return text
    .replace(/^```.*$/gm, '')
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*\)/g, '$1')
    .replace(/(\*\*|__|~~|`+)(?=\S)(.*?\S)\1/g, '$2')
    .replace(/(^|[\s(“"])\*(?=\S)([^*\n]*\S)\*/g, '$1$2')
    .replace(/^\s{0,3}(#{1,6}|>)\s+/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** A word that a shell takes as one. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
