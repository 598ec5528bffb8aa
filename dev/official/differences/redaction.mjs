// What is shown of a configuration.

const TEXTS = [
  'sk-live-0123456789abcdef', 'hunter2hunter2', 'short', '${SECRET_FROM_ENV}', '${A}', '${A}${B}', 'x${A}', ' ${A} ', '${a b}', '$${A}', '', ' ', '\u00fcml\u00e4ut-secret', '__OPENCLAW_REDACTED__', 'true', 'agent:main:main', '{"a":1}',
  'https://example.com', 'https://u:p@example.com/x', 'https://u@example.com', 'wss://x?token=abc', 'https://example.com/?key=1', 'https://example.com/?page=1', 'https://example.com/a@b', 'postgres://u:p@db/x',
  'https://example.com/bot1234567:AAAAAAAAAAAAAAAAAAAAAAAA/send', 'http://example.com/#access_token=abc', '//u:p@example.com', 'https:u:p@example.com',
];
const PLACES = [
  'gateway.auth.token', 'gateway.auth.password', 'gateway.remote.token', 'gateway.remote.password', 'gateway.remote.url', 'gateway.auth.mode', 'gateway.bind', 'hooks.token', 'hooks.path', 'models.providers.openai.apiKey',
  'models.providers.openai.baseUrl', 'models.providers.x.headers.Authorization', 'models.providers.x.headers.X-Trace', 'models.providers.x.auth', 'env.vars.OPENAI_API_KEY', 'env.vars.HOME_DIR', 'channels.telegram.botToken',
  'channels.telegram.webhookSecret', 'channels.telegram.name', 'channels.discord.token', 'channels.slack.appToken', 'channels.slack.signingSecret', 'channels.slack.accounts.work.botToken', 'tools.web.search.apiKey', 'tools.web.fetch.enabled',
  'mcp.servers.x.url', 'mcp.servers.x.env.API_KEY', 'mcp.servers.x.env.MODE', 'mcp.servers.x.headers.Authorization', 'mcp.servers.x.command', 'skills.entries.x.apiKey', 'skills.entries.x.env.TOKEN', 'skills.entries.x.env.PLAIN', 'talk.apiKey',
  'agents.defaults.model', 'agents.defaults.maxTokens', 'agents.defaults.contextTokens', 'agents.defaults.memorySearch.remote.apiKey', 'browser.cdpUrl', 'browser.profiles.x.cdpUrl', 'plugins.entries.x.config.apiKey',
  'plugins.entries.x.config.private_key', 'plugins.entries.x.config.clientSecret', 'plugins.entries.x.config.tokenCount', 'plugins.entries.x.config.serviceAccount', 'plugins.entries.x.config.passwordFile', 'plugins.entries.x.config.url',
  'plugins.entries.x.config.nested.encryptKey', 'plugins.entries.x.config.plain', 'gateway.controlUi.allowedOrigins', 'messages.tts.openai.apiKey', 'cron.webhookToken', 'logging.level', 'meta.lastTouchedVersion', 'unknown.apiToken', 'unknown.TOKEN',
  'unknown.token.list', 'unknown.secrets.a', 'unknown.note',
];

function leaf(chance) {
  return chance.one([
    ...Array(8).fill(() => chance.one(TEXTS)), () => chance.below(100000), () => true, () => null, () => chance.some(TEXTS, 0, 2),
    () => ({ source: 'env', provider: 'default', id: chance.one(['KEY', '${A}', 'sk-live-0123456789abcdef']) }), () => ({ value: chance.one(TEXTS), plain: chance.one(TEXTS) }),
  ])();
}

export function redaction(chance) {
  const document = {};
  for (const place of chance.some(PLACES, 1, 6)) {
    const keys = place.split('.');
    const last = keys.pop();
    let at = document;
    for (const key of keys) at = at[key] !== null && typeof at[key] === 'object' && !Array.isArray(at[key]) ? at[key] : (at[key] = {});
    at[last] = leaf(chance);
  }
  return { document };
}

/** The leaves of a document, and what stands there: path → value. */
export function leaves(value, path = '', found = new Map()) {
  if (value !== null && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) leaves(inner, path ? `${path}.${key}` : key, found);
  } else found.set(path, value);
  return found;
}
