// The official schema as a judge of every frame that a gateway sends.
import fs from 'node:fs';
import path from 'node:path';
import { inModules, load } from './setup.mjs';

const Ajv = (await load('ajv')).default;
const here = path.dirname(new URL(import.meta.url).pathname);

export const official = JSON.parse(
  fs.readFileSync(inModules('@openclaw', 'gateway-protocol', 'protocol.schema.json'), 'utf8'),
);
/** Which definition judges which answer or event, and what calls each method. */
export const map = JSON.parse(fs.readFileSync(path.join(here, '..', 'schema-map.json'), 'utf8'));

const ajv = new (Ajv.default ?? Ajv)({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema(official, 'official');
const compiled = new Map();

/** What is wrong with `value` as the official definition `name`; empty when it fits. */
export function violations(name, value) {
  if (!official.definitions[name]) return [`the official schema has no definition ${name}`];
  if (!compiled.has(name)) compiled.set(name, ajv.compile({ $ref: `official#/definitions/${name}` }));
  const check = compiled.get(name);
  if (check(value)) return [];
  return check.errors
    .filter((error) => {
      const extra = error.params?.additionalProperty;
      const known = map.sentBeyondSchema[name]?.[error.instancePath] ?? [];
      return !(error.keyword === 'additionalProperties' && known.includes(extra));
    })
    .map((error) => `${name}${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`);
}

/** What is wrong with a frame from the gateway; `method` is that of the request it answers. */
export function frameViolations(frame, method) {
  if (frame.type === 'event') {
    const wrong = violations('EventFrame', frame);
    const name = map.events[frame.event];
    if (name === undefined) wrong.push(`event ${frame.event} is not in schema-map.json`);
    else if (name !== null) wrong.push(...violations(name, frame.payload));
    return wrong;
  }
  const wrong = violations('ResponseFrame', frame);
  const name = method === 'connect' ? 'HelloOk' : map.methods[method]?.result;
  if (frame.ok && name) wrong.push(...violations(name, frame.payload));
  if (!frame.ok) wrong.push(...violations('ErrorShape', frame.error));
  return wrong;
}
