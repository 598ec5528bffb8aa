// The deciding functions of the official gateway, found by the source file that its bundler names and by their own names, because names
// of bundles and of their exports change with every build.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Function → source file in which it is written. */
const WANTED = {
  checkBrowserOrigin: 'src/gateway/origin-check.ts',
  prepareGatewayIngressAttribution: 'src/gateway/ingress-attribution.ts',
  authorizeOperatorScopesForMethod: 'src/gateway/method-scopes.ts',
  isNodeRoleMethod: 'src/gateway/method-scopes.ts',
  listCoreGatewayMethodNames: 'src/gateway/methods/core-method-policy.ts',
  redactConfigObject: 'src/config/redact-snapshot.ts',
  buildConfigSchemaCore: 'src/config/schema.ts',
  runSecurityAuditCore: 'src/security/audit.ts',
};

/** What a bundle exports: name in the source → name of the export. */
function exported(text) {
  const names = new Map();
  for (const [, list] of text.matchAll(/^export \{([^}]*)\};?$/gm)) {
    for (const entry of list.split(',')) {
      const [own, other] = entry.trim().split(/\s+as\s+/);
      names.set(own, other ?? own);
    }
  }
  return names;
}

/** Loads the functions; every one must be found exactly once. */
export async function reference(modules) {
  const dist = path.join(modules, 'node_modules', 'openclaw', 'dist');
  const found = {};
  for (const file of fs.readdirSync(dist).filter((name) => /\.m?js$/.test(name))) {
    const text = fs.readFileSync(path.join(dist, file), 'utf8');
    const here = Object.entries(WANTED).filter(([name, source]) => text.includes(`//#region ${source}\n`) && text.includes(`function ${name}(`));
    if (here.length === 0) continue;
    const names = exported(text);
    for (const [name] of here.filter(([name]) => names.has(name))) (found[name] ??= []).push([file, names.get(name)]);
  }
  const functions = {};
  for (const name of Object.keys(WANTED)) {
    if (found[name]?.length !== 1) throw new Error(`the reference has ${name} in ${found[name]?.length ?? 0} bundles; correct dev/official/differences/reference.mjs`);
    const [file, alias] = found[name][0];
    functions[name] = (await import(pathToFileURL(path.join(dist, file)).href))[alias];
  }
  return functions;
}
