// A JSON Schema as fields of a form, and edits of them as one merge patch. Pure.

export interface Schema {
  type?: string | string[];
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  writeOnly?: boolean;
  required?: string[];
}

export interface Hint {
  label?: string;
  help?: string;
  sensitive?: boolean;
  advanced?: boolean;
  tags?: string[];
}

export interface Choice {
  value: string;
  help: string | undefined;
}

export interface Field {
  path: string;
  section: string;
  label: string;
  help: string;
  kind: 'text' | 'number' | 'boolean' | 'choice' | 'list' | 'json' | 'secret';
  choices: Choice[];
  least: number | undefined;
  most: number | undefined;
  preset: unknown;
  nullable: boolean;
  advanced: boolean;
  tags: string[];
}

/** What stands in the place of a secret. */
export const REDACTED = '__OPENCLAW_REDACTED__';

const types = (schema: Schema): string[] => (Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : []);

function choices(schema: Schema): Choice[] | undefined {
  if (schema.enum?.every((one) => typeof one === 'string')) return schema.enum.map((value) => ({ value: String(value), help: undefined }));
  const all = (schema.oneOf ?? schema.anyOf)?.filter((one) => !types(one).includes('null'));
  if (!all || all.length === 0) return undefined;
  const flat = all.flatMap((one) => (one.oneOf ? one.oneOf : [one]));
  if (flat.every((one) => typeof one.const === 'string')) return flat.map((one) => ({ value: String(one.const), help: one.description }));
  if (flat.every((one) => one.enum?.every((word) => typeof word === 'string'))) return flat.flatMap((one) => (one.enum ?? []).map((value) => ({ value: String(value), help: undefined })));
  return undefined;
}

function kindOf(schema: Schema, hint: Hint | undefined): Field['kind'] {
  if (schema.writeOnly || hint?.sensitive) return 'secret';
  if (choices(schema)) return 'choice';
  const kinds = types(schema).filter((type) => type !== 'null');
  if (kinds.length === 1) {
    if (kinds[0] === 'boolean') return 'boolean';
    if (kinds[0] === 'integer' || kinds[0] === 'number') return 'number';
    if (kinds[0] === 'string') return 'text';
    if (kinds[0] === 'array' && schema.items && types(schema.items).includes('string') && !choices(schema.items)) return 'list';
  }
  return 'json';
}

/** Every leaf that a form can show, in the order of the schema. */
export function fields(schema: Schema, hints: Record<string, Hint>, prefix = '', section = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]): Field[] => {
    const path = prefix ? `${prefix}.${key}` : key;
    const top = section || key;
    if (child.properties && Object.keys(child.properties).length > 0) return fields(child, hints, path, top);
    const hint = hints[path];
    return [{
      path, section: top,
      label: hint?.label ?? key,
      help: hint?.help ?? child.description ?? '',
      kind: kindOf(child, hint),
      choices: choices(child) ?? [],
      least: child.minimum, most: child.maximum,
      preset: child.default,
      nullable: types(child).includes('null') || (child.anyOf ?? child.oneOf ?? []).some((one) => types(one).includes('null')),
      advanced: hint?.advanced ?? false,
      tags: hint?.tags ?? [],
    }];
  });
}

export function valueAt(config: unknown, path: string): unknown {
  let at = config;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** Edits by path as one patch (RFC 7396): `undefined` takes a value out. */
export function patchOf(edits: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const [path, value] of edits) {
    const keys = path.split('.');
    let at = patch;
    for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
    at[keys.at(-1)!] = value === undefined ? null : value;
  }
  return patch;
}

export interface Differs {
  path: string;
  before?: unknown;
  after?: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A section that came or went as the values in it, so that a person sees which key that is about. */
export function leaves(one: Differs): Differs[] {
  const { path, before, after } = one;
  if ((isObject(before) && after === undefined) || (isObject(after) && before === undefined)) {
    const keys = Object.keys((isObject(after) ? after : before) as object);
    if (keys.length > 0) return keys.flatMap((key) => leaves({ path: `${path}.${key}`, before: isObject(before) ? before[key] : undefined, after: isObject(after) ? after[key] : undefined }));
  }
  return [one];
}

/** Objects that are edited as a whole replace what is there, so that what was deleted in the text is gone. */
export function replaced(edits: ReadonlyMap<string, unknown>): string[] {
  return [...edits].filter(([, value]) => typeof value === 'object' && value !== null && !Array.isArray(value)).map(([path]) => path);
}
