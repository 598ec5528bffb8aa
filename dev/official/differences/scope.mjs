// Which scope is missing for a call.

const SCOPES = [
  'operator.read', 'operator.write', 'operator.approvals', 'operator.pairing', 'operator.questions', 'operator.talk', 'operator.talk.secrets', 'operator.sessions.read', 'operator.sessions.write',
];
const ODD = ['operator.admin', 'operator.*', 'operator.Read', 'admin', '', 'operator.read ', 'node'];
const KEYS = {
  key: ['agent:main:main', 'agent:main:incognito:x', '', 7], sessionKey: ['agent:main:main'], message: ['hello', '/reset', '/new now', '/ReSet', ' /new', '/newer', 5], label: ['x', null], model: ['a/b'], pinned: [true],
  archived: [true], permissionMode: ['full', 'ask'], sandboxMode: ['off'], execNode: ['n'], execHost: ['gateway'], execSecurity: ['full'], toolOverrides: [{}], incognito: [true, 1], parentSessionKey: ['agent:main:main'], archivedOnly: [true, false],
  deleteTranscript: [true], agentId: ['main'], includeSecrets: [true, false, 1, 'true'], nodeId: ['n', null], command: ['system.run', 'browser.proxy', 'camera.snap', 'system.execApprovals.set', 'fs.listDir'], runtimeId: ['r', ''],
  bootstrapCommandOwner: [true, 'true'], thinkingLevel: ['high'], fastMode: [true], verboseLevel: ['on'], elevatedLevel: ['on'], sendPolicy: ['deny'], category: ['c'], patch: [{ label: 'x' }, { permissionMode: 'full' }, { execHost: 'node' }, 1],
  spawnedBy: ['x'], params: [{}], expectedSessionId: ['s'], unread: [false],
};

export function scope(chance, known) {
  const all = known.methods;
  const dynamic = ['agent', 'node.invoke', 'talk.config', 'sessions.patch', 'sessions.patchMany', 'sessions.create', 'sessions.delete', 'fs.listDir', 'environments.list', 'channels.pairing.approve'];
  // Methods whose scopes differ on purpose are few; they come often enough to be seen.
  const special = [
    'agents.create', 'exec.approvals.get', 'exec.approvals.set', 'agent.wait', 'health', 'users.self', 'question.resolve', 'plugins.sessionAction', 'sessions.dispatch', 'node.invoke', 'agent', 'sessions.reset', 'talk.config',
  ];
  let method = chance.is(0.2) ? chance.one(special) : chance.is(0.35) ? chance.one(dynamic) : chance.one(all);
  if (chance.is(0.05)) method = chance.one([method.toUpperCase(), `${method} `, `${method}.x`, method.split('.')[0], '', '__proto__', 'constructor', 'toString', `x${method}`, method.replace('.', '\u2024')]);
  const scopes = [...new Set(chance.is(0.1) ? [] : chance.some(SCOPES, 1, 4))];
  if (chance.is(0.1)) scopes.push(chance.one(ODD));
  const params = {};
  for (const key of chance.some(Object.keys(KEYS), 0, 4)) params[key] = chance.one(KEYS[key]);
  if (method === 'agent') params.message = chance.one(KEYS.message);
  if (method === 'talk.config') params.includeSecrets = chance.one(KEYS.includeSecrets);
  if (method === 'node.invoke') params.command = chance.one(KEYS.command);
  return { method, scopes, params: chance.is(0.03) ? chance.one([null, [], 'x', 1]) : params };
}
