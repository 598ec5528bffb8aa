// A schedule in plain words, and its next times.
import { span } from './format';
import { T } from './text';

export type Schedule = { kind: 'at'; at: string } | { kind: 'every'; everyMs: number; anchorMs?: number } | { kind: 'cron'; expr: string; tz?: string | null };

const { days, months, and, ordinal } = T.schedule;
/** As they are written in expressions, whatever language the page speaks. */
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const two = (n: number) => String(n).padStart(2, '0');

/** A field as numbers; `undefined` when it holds for all, or is written in a way that is not read here. */
function numbers(field: string, least: number, most: number, names: string[] = []): number[] | 'all' | 'other' {
  if (field === '*' || field === '?') return 'all';
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:\/(\d+))?$/.exec(part);
    if (!match) return 'other';
    const number = (word: string) => {
      if (/^\d+$/.test(word)) return Number(word);
      const at = names.indexOf(word.toLowerCase());
      return at < 0 ? Number.NaN : at + (names === MONTHS ? 1 : 0);
    };
    const [from, to] = match[1] === '*' ? [least, most] : (match[1] ?? '').split('-').map(number);
    if (from === undefined || Number.isNaN(from)) return 'other';
    const end = to ?? (match[2] ? most : from);
    if (Number.isNaN(end)) return 'other';
    for (let n = from; n <= end; n += Number(match[2] ?? 1) || 1) found.add(n);
  }
  return [...found].sort((a, b) => a - b);
}

function cron(expr: string): string {
  const fields = expr.trim().split(/\s+/);
  const short = fields.length === 6 ? fields.slice(1) : fields;
  if (short.length !== 5) return expr;
  const [minute, hour, day, month, weekday] = short as [string, string, string, string, string];
  const at = [numbers(minute, 0, 59), numbers(hour, 0, 23), numbers(day, 1, 31), numbers(month, 1, 12, MONTHS), numbers(weekday, 0, 7, DAYS)] as const;
  if (at.includes('other')) return expr;
  const [minutes, hours, dates, inMonths, weekdays] = at as readonly (number[] | 'all')[];
  let when: string;
  const step = /^\*\/(\d+)$/.exec(minute);
  if (minutes === 'all' && hours === 'all') when = T.schedule.everyMinute;
  else if (step && hours === 'all') when = T.schedule.everyMinutes(step[1] ?? '');
  else if (hours === 'all' && Array.isArray(minutes)) when = minutes.length === 1 ? (minutes[0] === 0 ? T.schedule.everyHour : T.schedule.past(minutes[0] ?? 0)) : T.schedule.pastAll(and(minutes.map(String)));
  else if (Array.isArray(hours) && Array.isArray(minutes) && hours.length * minutes.length <= 4) when = T.schedule.at(and(hours.flatMap((h) => minutes.map((m) => `${two(h)}:${two(m)}`))));
  else return expr;
  const on: string[] = [];
  if (Array.isArray(weekdays)) {
    const set = [...new Set(weekdays.map((n) => n % 7))].sort((a, b) => a - b);
    const key = set.join('');
    on.push(key === '12345' ? T.schedule.workdays : key === '06' ? T.schedule.weekend : set.length === 7 ? T.schedule.everyDay : T.schedule.every(and(set.map((n) => days[n] ?? ''))));
  }
  if (Array.isArray(dates)) on.push(T.schedule.on(and(dates.map(ordinal))));
  if (Array.isArray(inMonths)) on.push(T.schedule.in(and(inMonths.map((n) => months[n - 1] ?? ''))));
  if (on.length === 0 && Array.isArray(hours)) on.push(T.schedule.everyDay);
  const text = [...on, when].join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plain(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'at':
      return T.schedule.once(Number.isNaN(Date.parse(schedule.at)) ? schedule.at : new Date(schedule.at).toLocaleString());
    case 'every':
      return T.schedule.often(span(schedule.everyMs));
    case 'cron':
      return cron(schedule.expr) + (schedule.tz ? ` (${schedule.tz})` : '');
  }
}

/** Times within the next span: the next one as the gateway says it, and those that follow where that is simple. */
export function upcoming(schedule: Schedule, next: number | null | undefined, now: number, within: number): number[] {
  if (!next || next > now + within) return [];
  const times = [next];
  if (schedule.kind === 'every') for (let at = next + schedule.everyMs; at <= now + within && times.length < 200; at += schedule.everyMs) times.push(at);
  if (schedule.kind === 'cron') {
    const fields = schedule.expr.trim().split(/\s+/);
    const step = /^\*\/(\d+)$/.exec(fields[0] ?? '');
    const every = fields.slice(1).every((field) => field === '*') ? (step ? Number(step[1]) * 60_000 : /^\d+$/.test(fields[0] ?? '') ? 3_600_000 : 0) : 0;
    if (every > 0) for (let at = next + every; at <= now + within && times.length < 200; at += every) times.push(at);
  }
  return times;
}
