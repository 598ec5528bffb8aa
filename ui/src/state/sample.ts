// A first guess at parameters, from their schema: what is required, with values of the right kind.

export interface Shape {
  $ref?: string;
  $defs?: Record<string, Shape>;
  type?: string | string[];
  properties?: Record<string, Shape>;
  required?: string[];
  items?: Shape;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  description?: string;
  oneOf?: Shape[];
  anyOf?: Shape[];
}

export function resolve(shape: Shape | undefined, root: Shape): Shape {
  const name = shape?.$ref?.split('/').at(-1);
  return name ? resolve(root.$defs?.[name], root) : (shape ?? {});
}

export function kindsOf(shape: Shape): string[] {
  const own = Array.isArray(shape.type) ? shape.type : shape.type ? [shape.type] : [];
  return own.length > 0 ? own : (shape.oneOf ?? shape.anyOf ?? []).flatMap(kindsOf);
}

export function sample(shape: Shape | undefined, root: Shape, depth = 0): unknown {
  const it = resolve(shape, root);
  if (it.const !== undefined) return it.const;
  if (it.enum?.length) return it.enum[0];
  if (it.default !== undefined && it.default !== null) return it.default;
  const choice = (it.oneOf ?? it.anyOf)?.find((one) => !kindsOf(resolve(one, root)).includes('null'));
  if (choice) return sample(choice, root, depth);
  const kinds = kindsOf(it).filter((kind) => kind !== 'null');
  if (kinds.includes('object') || it.properties) {
    if (depth > 4) return {};
    return Object.fromEntries((it.required ?? []).map((name) => [name, sample(it.properties?.[name], root, depth + 1)]));
  }
  if (kinds.includes('array')) return [];
  if (kinds.includes('string')) return '';
  if (kinds.includes('integer') || kinds.includes('number')) return 0;
  if (kinds.includes('boolean')) return false;
  return null;
}
