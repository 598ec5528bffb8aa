// Every text of the page, in one place, so that another language is another file. Functions where a text has holes.

const plural = (n: number, one: string, many = `${one}s`) => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

export const T = {
  product: 'Mission Control',
  again: 'Try again',
  loading: 'Loading',
  copy: 'Copy',
  copied: 'Copied',
  notCopied: 'The browser did not allow copying. Select the text and copy it by hand.',
  copyCommand: 'Copy as command',
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  undo: 'Undo',
  remove: 'Remove',
  more: 'More',
  all: 'All',
  never: 'never',
  unknown: 'unknown',
  back: 'Back',
  typeToConfirm: (word: string) => `Type ${word} to confirm`,
  skip: 'Skip to content',
  goneOfLink: 'What this link names is not here, or not here any more.',
  notAllowed: (scope: string) => `This needs ${scope}, which this browser was not given.`,
  time: { in: (span: string) => `in ${span}`, now: 'just now', ago: (span: string) => `${span} ago`, ms: 'ms', s: 's', min: 'min', h: 'h', d: 'd' },
  schedule: {
    days: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
    months: ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'],
    and: (words: string[]) => (words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`),
    ordinal: (n: number) => `${n}${n % 10 === 1 && n !== 11 ? 'st' : n % 10 === 2 && n !== 12 ? 'nd' : n % 10 === 3 && n !== 13 ? 'rd' : 'th'}`,
    everyMinute: 'every minute', everyMinutes: (n: string) => `every ${n} minutes`, everyHour: 'every hour', past: (minutes: number) => `every hour at ${minutes} minutes past`, pastAll: (minutes: string) => `every hour at minutes ${minutes}`,
    at: (times: string) => `at ${times}`, workdays: 'Monday to Friday', weekend: 'at weekends', everyDay: 'every day', every: (days: string) => `every ${days}`, on: (days: string) => `on the ${days}`, in: (months: string) => `in ${months}`,
    once: (time: string) => `Once, ${time}`, often: (span: string) => `Every ${span}`,
  },
  problem: { title: 'The gateway did not answer as expected', scope: 'This browser may not see that' },

  nav: {
    label: 'Pages', groups: { work: 'Work', fleet: 'Agents and machines', watch: 'Watch', control: 'Control' },
    overview: 'Overview', chat: 'Chat', sessions: 'Sessions', approvals: 'Approvals', agents: 'Agents', nodes: 'Nodes', gateways: 'Gateways', cron: 'Cron',
    channels: 'Channels', skills: 'Skills', logs: 'Logs', stats: 'Metrics', config: 'Config', devices: 'Devices & access', security: 'Security',
    console: 'RPC console', about: 'About', waiting: (n: number) => `${n} waiting`,
  },

  link: {
    connected: 'Connected', disconnected: 'Disconnected', reconnecting: 'Reconnecting', connecting: 'Connecting', blocked: 'Blocked',
    show: 'Show details of the connection',
    protocol: (version: number) => `v${version}`,
    attempts: (n: number) => `↻ ${n}`,
    attemptsLong: (n: number) => plural(n, 'attempt'),
    details: 'Connection', status: 'Status', latency: 'Latency', latencyOf: (last: string, p50: string, p99: string) => `${last} now, ${p50} median, ${p99} p99`,
    notMeasured: 'not measured yet', reconnects: 'Reconnects', reconnectsOf: (n: number, attempts: number) => `${n} since this page was opened, ${plural(attempts, 'attempt')} now`,
    protocolName: 'Protocol', gateway: 'Gateway', version: 'Version', connection: 'Connection id', since: 'Connected for', address: 'Address', scopes: 'This browser may',
    retryIn: (seconds: number) => `next attempt in ${seconds} s`, reconnect: 'Reconnect now', forget: 'Forget this device', why: 'Reason',
    stale: (ago: string) => `Not connected: what you see is from ${ago}.`,
    notConnected: 'The gateway is not connected.', lost: 'The connection was lost before the answer came.',
    tooLarge: (size: string, most: string) => `This is ${size}; the gateway takes messages of at most ${most}.`,
    noAnswer: 'the gateway did not answer', silent: 'no sign of life for too long',
    content: 'fewer than it could ask for', more: 'Ask for more', forgetAsk: 'Forget this device?', forgetText: 'Its key is deleted here. To come back, this browser needs the gateway’s credential, a login link or an approval.',
  },

  gate: {
    connecting: { title: 'Connecting to the gateway', text: 'This takes a moment.' },
    retrying: {
      title: 'The gateway does not answer',
      text: (n: number) => `${plural(n, 'attempt')} so far. It is tried again by itself; this page goes on as soon as the gateway is back.`,
      command: 'openclaw gateway status',
      refuses: 'The gateway refuses this browser',
      again: (n: number) => `${plural(n, 'attempt')} so far. It is tried again by itself, and goes on as soon as the cause is gone.`,
    },
    help: {
      clock: { text: 'The clocks of this device and of the gateway’s machine differ too much, so the signature counts as old. Set both by the network, then connect again.', command: 'timedatectl set-ntp true' },
      proxy: { text: 'The gateway takes the word of a proxy for who you are, and the proxy did not say it. Open the page under the proxy’s address and sign in there; if you did, the proxy does not pass its header on.', command: 'openclaw config get gateway.auth' },
      refused: { text: 'It answers, but does not let this browser in. Its log says why; a new login link helps when the credential was changed.', command: 'openclaw logs --limit 50' },
    },
    secret: {
      title: 'Sign in', token: 'Gateway token', password: 'Gateway password',
      text: 'The gateway asks for its credential once. Afterwards this browser is known by its own key, and never asks again.',
      wrong: (what: string) => `That ${what} is not the gateway's. Check it and try again.`,
      submit: 'Sign in', trying: 'Signing in', keep: 'Go on as before', link: 'Or make a login link on the gateway’s machine, which works once:',
    },
    pairing: {
      title: 'This browser waits for approval',
      text: 'Whoever owns the gateway has to let this browser in. Approve it on the gateway’s machine, or in a browser that is signed in:',
      upgrade: 'This browser asks for more than it was approved for. Approve the wider scopes, or go on with fewer:',
      changed: 'This browser looks different from when it was approved. Check that it is yours, then approve it again:',
      fewer: 'Go on with what is approved', waiting: 'Waiting for the approval. The page opens by itself.', secret: 'Use the gateway’s token instead', id: 'Request',
    },
    passkey: {
      title: 'Confirm with your passkey', text: 'The gateway knows its credential already. It also wants to know that it is you: confirm with a passkey that you registered.', confirm: 'Confirm with a passkey', use: 'Use a passkey', other: 'Sign in otherwise',
      elsewhere: (hosts: string) => `The gateway asks for a passkey, and the registered ones work at another address: ${hosts}. Open the page there.`,
      unable: 'The gateway asks for a passkey, and there is none for the address of this page.', lost: 'Lost it? On the gateway’s machine its owner can look at passkeys and remove one:',
    },
    login: { failed: 'The login link did not work', status: (code: number) => `the gateway answered with status ${code}`, text: 'A link works once, and for ten minutes.', command: 'openclaw dashboard' },
    blocked: {
      title: 'Gateway Handshake Blocked', reconnect: 'Reconnect', done: 'I have done this', forget: 'Forget this device', wait: (seconds: number) => `Reconnect in ${seconds} s`, said: 'The gateway says',
      origin: {
        title: 'Gateway error: Origin not allowed',
        text: (origin: string) => `The gateway does not know the address ${origin}. Add it to gateway.controlUi.allowedOrigins; it is in force at once.`,
        command: (origin: string) => `openclaw config set gateway.controlUi.allowedOrigins '["${origin}"]' --json`,
      },
      insecure: {
        title: 'The browser keeps no keys on this address',
        text: 'A page on plain http from another machine has no WebCrypto, so this browser cannot prove who it is. Open the gateway over https, or on this machine through a tunnel:',
        command: (port: string) => `ssh -N -L ${port}:127.0.0.1:${port} user@gateway-host`,
        then: (port: string) => `Then open http://localhost:${port}`,
        https: 'Open over https',
      },
      'no-ed25519': { title: 'This browser is too old', text: 'It has no Ed25519 signatures. Chrome and Edge 137, Firefox 130 and Safari 17 have them.' },
      'no-storage': { title: 'This browser keeps no data', text: 'The key of this browser is kept in IndexedDB, which is switched off, as in some private windows. Allow it for this address and open the page again.' },
      'device-required': { title: 'Device identity required', text: 'The gateway lets in only browsers with a key of their own. Open it over https or on localhost.' },
      signature: { title: 'The signature was not accepted', text: 'The gateway knows this browser under another key (device_auth_signature_invalid). Forget the device here: a new key is made, and approved anew. By hand: DevTools → Application → IndexedDB → delete device-identity.' },
      'rate-limit': { title: 'Too many failed attempts', text: 'The gateway does not listen to this address for a while (auth rate limit). Wait, then connect again.' },
      protocol: { title: 'Another generation', text: 'The gateway speaks no version of the protocol that this page speaks. Load the page anew, or bring the gateway up to date.' },
      'device-limit': { title: 'Too many devices', text: 'As many devices are paired as gateway.auth.deviceAuth.maxDevicesPerUser allows. Remove one that is not used any more.', command: 'openclaw devices list' },
      revoked: { title: 'This browser was taken out', text: 'An owner removed this device, or withdrew its token. It may ask to be admitted again.' },
      'auth-changed': { title: 'The gateway’s credential was changed', text: 'Everybody who signed in with the old one was signed out. Connect again; you are asked for the new one if it is needed.' },
      other: { title: 'The gateway closed the connection for good', text: 'It asks not to be tried again until something is changed.' },
    },
  },

  palette: { label: 'Search pages, sessions and actions', placeholder: 'Go to a page, a session, an action…', open: 'Search', none: 'Nothing fits.', page: 'Page', session: 'Session', action: 'Action', theme: 'Look', agent: 'Agent' },
  theme: { system: 'Look like the system', light: 'Light', dark: 'Dark', label: 'Look' },
  keys: { title: 'Keys', list: [['⌘K or Ctrl K', 'Search everything'], ['g then o, c, s, a, n, l, t', 'Overview, Chat, Sessions, Approvals, Nodes, Logs, Metrics'], ['/', 'To the search field of the page'], ['j and k', 'Down and up a list'], ['?', 'This list'], ['Esc', 'Close what is open']] as const },

  happened: {
    finished: (key: string) => `${key}: the reply is there`,
    failed: (key: string, why: string) => `${key}: ${why || 'the run failed'}`,
    aborted: (key: string) => `${key}: the run was stopped`,
    fallback: (from: string, to: string, why: string) => `${to} stands in for ${from} (${why})`,
    asked: (command: string) => `Asks to run ${command}`,
    decided: (decision: string, by: string) => `${decision === 'deny' ? 'Denied' : decision === 'allow-always' ? 'Allowed for good' : 'Allowed once'}${by ? ` by ${by}` : ''}`,
    job: (name: string, status: string) => `Job ${name}: ${status || 'ended'}`,
    deviceAsks: (name: string) => `${name} asks to be admitted`,
    deviceDecided: (decision: string) => `A device was ${decision}`,
    nodeAsks: (name: string) => `Node ${name} asks to be approved`,
    configured: (paths: string[], actor: string) => `Configuration changed: ${paths.slice(0, 3).join(', ') || 'nothing'}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}${actor ? ` (${actor})` : ''}`,
    configRejected: (why: string) => `The configuration file cannot be used: ${why}`,
    program: (id: string, status: string) => `Program ${id}: ${status}`,
    sessionMade: (key: string) => `New session ${key}`,
    sessionGone: (key: string) => `Session ${key} was removed`,
  },

  overview: {
    well: 'Everything is well', ill: 'Something needs a look', unwell: 'The gateway reports a problem', demo: 'No model is set up: the built-in demo answers',
    uptime: (span: string) => `running for ${span}`, live: 'Live runs', liveNote: (n: number) => `of ${plural(n, 'session')}`, tokens: 'Tokens today', cost: 'Cost today', costNote: (month: string) => `${month} in 30 days`,
    waiting: 'Waiting for you', waitingNote: 'approvals and questions', connections: 'Connections', connectionsNote: 'open now', errors: 'Errors', errorsNote: 'since page load',
    needs: 'Needs you', nothing: 'Nothing waits for you.', recent: 'Recent sessions', recentAll: 'All sessions', activity: 'Recent activity', activityNone: 'What happens while this page is open is listed here.',
    agents: 'Agents', nodes: 'Machines', spend: 'Tokens, last 14 days', spendLabel: 'Tokens for each of the last 14 days', hello: 'Say hello', helloText: 'Your first conversation is one message away.', helloSend: 'Start a conversation',
    restart: (paths: string[]) => `Waits for a restart: ${paths.join(', ')}`, restartDo: 'Show in Config', pairing: (n: number) => `${plural(n, 'device')} ${n === 1 ? 'asks' : 'ask'} to be admitted`, review: 'Review',
    check: { title: 'Getting started', model: 'A model answers', modelDo: 'Add a model', safe: 'Commands ask first', phone: 'Open it on another device', phoneDo: 'Login link', talk: 'Say hello to an agent' },
  },

  chat: {
    label: 'Conversation', sessions: 'Sessions', fresh: 'New session', search: 'Find a session', none: 'No session fits.', composer: 'Message', placeholder: (agent: string) => `Message ${agent}`, send: 'Send', stop: 'Stop', attach: 'Attach files', drop: 'Drop files to attach them',
    older: 'Show older messages', you: 'You', system: 'System', thinking: 'Thoughts', working: { start: 'Starting', model: 'Asking the model', thinking: 'Thinking', tool: 'Using a tool', speaking: 'Writing', queued: 'Waiting for its turn' } as Record<string, string>,
    empty: { title: 'What shall we do?', text: 'Everything that is said here is kept by the gateway, and goes on when this page is closed.', ideas: ['What can you do here?', 'Plan a trip of three days', 'Summarise what happened today'] },
    sending: 'Sending', replied: (words: string) => `Reply: ${words}`, failed: 'Not sent', resend: 'Send again', error: 'The run failed', aborted: 'Stopped', model: 'Model', modelDefault: 'Default model', modelChanged: (model: string) => `From the next message on, ${model} answers`,
    tokens: (input: string, output: string) => `${input} in / ${output} out`, took: (time: string) => time, ttft: (time: string) => `first word ${time}`, tool: { running: 'running', done: 'done', failed: 'failed', args: 'Arguments', output: 'Output' },
    approvals: 'Waits for your decision', context: (used: string, all: string) => `${used} of ${all} tokens of context`, tooBig: (name: string, limit: string) => `${name} is larger than ${limit}`, queued: (n: number) => `${plural(n, 'message')} waiting`, list: 'Sessions',
    latest: 'To the newest message', noWrite: 'This browser may read, but not write.', longMessage: 'Show all of it', searchAll: 'Search what was said', found: (n: number) => plural(n, 'place'), fallback: (to: string, why: string) => `${to} stands in (${why})`, remove: (name: string) => `Remove ${name}`,
  },

  approval: {
    exec: 'wants to run', plugin: 'asks', where: 'In', host: 'On', agent: 'For', once: 'Allow once', always: 'Always allow', deny: 'Deny', left: (span: string) => `${span} left`, over: 'expired', path: 'Program', env: 'Variables', question: 'asks', answer: 'Answer', skip: 'Not now', other: 'Something else',
    risks: {
      'inline-eval': 'runs code given inline', 'shell-wrapper': 'starts a shell', 'command-carrier': 'carries another command', privilege: 'gains privileges', destructive: 'can destroy data', unparsed: 'could not be read in full', 'hidden-characters': 'holds hidden characters',
    } as Record<string, string>,
    goesOn: (n: number) => `It goes on below: ${n.toLocaleString('en-US')} characters in all.`,
    alwaysTitle: 'Allow this command for good?', alwaysText: 'The same command in the same place will run without being asked about, until you take that back under Standing permissions.',
    decided: { 'allow-once': 'Allowed once', 'allow-always': 'Allowed for good', deny: 'Denied' } as Record<string, string>,
    arrived: (who: string, what: string) => `${who} wants to run: ${what}`, arrivedPlugin: (who: string, what: string) => `${who} asks: ${what}`, several: (n: number) => `${plural(n, 'request')} wait for your decision`, from: (gateway: string, words: string) => `${gateway}: ${words}`,
    title: (n: number, page: string) => (n > 0 ? `(${n}) ${page}` : page),
  },

  notFound: { title: 'There is no such page', text: 'The address may be mistyped, or from another version.' },

  older: 'Show older',
  saved: 'Saved',

  sessions: {
    search: 'Title, key, model, last words', show: 'Which', live: 'Live', archived: 'Archived', everyAgent: 'Every agent', sort: 'Order',
    orders: { updated: 'Newest first', tokens: 'Most tokens', cost: 'Most expensive', context: 'Fullest context' },
    count: (n: number, all: number) => (n === all ? plural(n, 'session') : `${n.toLocaleString('en-US')} of ${plural(all, 'session')}`),
    none: { title: 'No session yet', text: 'A session is a conversation with an agent. It begins with the first message, from here, from the command line or from an app.' }, noneFit: 'No session fits',
    title: 'Session', model: 'Model', context: 'Context', tokens: 'Tokens', cost: 'Cost', messages: 'Messages', touched: 'Touched', made: 'Made', key: 'Key', label: 'Name of the session', pinned: 'pinned', interrupted: 'interrupted',
    actions: (name: string) => `More about ${name}`, open: 'Open', pin: 'Pin', unpin: 'Unpin', archive: 'Archive', unarchive: 'Take back from the archive', archivedNow: 'Archived', unarchived: 'Back from the archive', renamed: 'Renamed',
    reset: 'Start over', resetAsk: (name: string) => `Start “${name}” over?`, resetText: 'The conversation begins anew. What was said is set aside by the gateway, and the agent does not see it any more.',
    compact: 'Compact', compacted: 'All but the newest lines were set aside', deleteAsk: (name: string) => `Remove “${name}”?`, deleteText: 'The session and what was said in it are removed. This cannot be undone.', nothingSaid: 'Nobody said that.',
  },

  approvals: {
    waiting: 'Waiting', history: 'History', grants: 'Standing permissions', policy: 'Policy', gone: 'The approval of this link is over. It stands under History.',
    none: { title: 'Nothing waits for you', text: 'When an agent wants to run a command that nobody has allowed yet, it waits here, in the chat and on every signed-in device. The first answer counts.' },
    gateway: 'Gateway', everyGateway: 'All gateways', asking: (name: string) => `${name} is being asked what waits there.`, unreached: (name: string, why: string) => `What waits on ${name} is not in this list: ${why}`, mayNot: 'deciding there needs operator.approvals, which was not given',
    noHistory: { title: 'Nothing was decided yet', text: 'Decisions are kept for 30 days.' }, historySub: 'the last 30 days', what: 'What was asked', outcome: 'Outcome', by: 'By', when: 'When',
    status: { pending: 'waiting', allowed: 'allowed', always: 'allowed for good', denied: 'denied', expired: 'nobody answered', cancelled: 'cancelled' } as Record<string, string>,
    noGrants: { title: 'Nothing is allowed for good', text: '“Always allow” lets the same command in the same place run without being asked about. Such permissions are listed here, and can be taken back.' }, grantsSub: 'run without being asked about', uses: 'Uses', since: 'Since', until: 'Until', revoked: 'taken back', forGood: 'for good', takeBack: 'Take back',
    policyTitle: 'Which commands may run', security: 'Commands', ask: 'When people are asked', fallback: 'When nobody can be asked', fallbackHelp: 'What holds when no client is connected that could answer.',
    securities: { deny: 'Run none', allowlist: 'Run those that are listed', full: 'Run all' } as Record<string, string>, asks: { off: 'Never', 'on-miss': 'When a command is not listed', always: 'Every time' } as Record<string, string>,
    securityHelp: { deny: 'Agents run no commands at all.', allowlist: 'Programs on the list run; about others people are asked, if asking is on.', full: 'Every command runs. Only for machines that may be lost.' } as Record<string, string>,
    askHelp: { off: 'What is not listed is refused without a word.', 'on-miss': 'You see each new command before it runs.', always: 'Even listed commands wait for you.' } as Record<string, string>,
    looser: 'This lets agents do more without you. Commands run with the rights of the gateway’s user.', looserAsk: 'Loosen the policy?', allowlist: 'Listed programs', allowlistSub: 'by agent', noAllowlist: { title: 'The list is empty', text: 'Every command is new, so people are asked about each. Programs are listed from the command line, or by “Always allow”.' },
  },

  agents: {
    all: 'All agents', sub: 'Each has its own files, model and conversations.', add: 'Add an agent', addText: 'It answers at once. Its folder is made on the gateway’s machine.', unknown: (id: string) => `There is no agent ${id}`,
    state: { idle: 'idle', busy: 'busy', offline: 'offline', error: 'error' } as Record<string, string>, main: 'default', tokens: 'tokens', last: 'Last', talk: 'Talk', open: 'Open',
    settings: 'Settings', files: 'Files', access: 'Access', name: 'Name', emoji: 'Sign', emojiHelp: 'An emoji that stands for the agent.', fallbacks: (list: string) => `Stand in when it fails: ${list}`, where: 'Where it lives', workspace: 'Folder', id: 'Id',
    end: 'Remove this agent', endText: 'Its runs and conversations end. Its folder goes to the trash.', endAsk: (name: string) => `Remove ${name}?`,
    fileAbout: { 'AGENTS.md': 'how it works', 'SOUL.md': 'who it is', 'TOOLS.md': 'what it uses, and how', 'IDENTITY.md': 'name and looks', 'USER.md': 'about you', 'HEARTBEAT.md': 'what it looks at regularly', 'BOOTSTRAP.md': 'its first start', 'MEMORY.md': 'what it remembers' } as Record<string, string>,
    missing: 'not there', missingText: 'This file is not there yet. What you write here makes it.', fileAsk: (name: string) => `Remove ${name}?`, fileText: 'The agent goes on without it.',
    token: 'Token of its own', tokenSub: 'for programs over HTTP', tokenText: 'With it a program may do what this agent may do over HTTP, and nothing else. It is kept hashed and shown once.', noToken: 'This agent has no token.', tokenMake: 'Make a token', rotate: 'Replace it', tokenEnd: 'Withdraw it', tokenAsk: 'Withdraw the token?', tokenAskText: 'Programs that use it are refused from now on.', tokenOnce: 'The token, this once', tokenOnceText: 'Copy it now: it is not shown again.', fingerprint: 'Fingerprint',
  },

  yes: 'yes',
  no: 'no',
  less: 'Less',

  nodes: {
    none: { title: 'No machine yet', text: 'A node is a machine that offers commands: a Mac, a server, a phone. Start one there, and it asks here to be approved.' },
    asks: (name: string) => `${name} asks to be approved`, wants: 'asks to offer these commands', needs: 'Approving needs', approve: 'Approve', reject: 'Reject', approved: 'Approved: it works at once', connected: 'connected', away: 'away',
    state: { pending: 'waits for approval', unapproved: 'not approved', 'pending-approval': 'waits for approval', 'pending-reapproval': 'asks for more' } as Record<string, string>, seen: 'Last seen', since: 'here since', id: 'Id', stats: 'How it is', permissions: 'Permissions',
    invoke: 'Run a command', invokeOn: (name: string) => `Run a command on ${name}`, command: 'Command', params: 'Parameters', paramsHelp: 'As JSON.', rename: 'Rename', removeAsk: (name: string) => `Forget ${name}?`, removeText: 'Its connections close, and it has to be approved again.',
  },

  cron: {
    search: 'Find a job', add: 'Add a job', jobs: 'Jobs', on: 'run by themselves', off: 'do not run by themselves (cron.enabled)', next: 'Next', nothingDue: 'nothing is due', recent: 'Went well', recentNote: 'of the newest runs', zone: 'Time zone', zoneNote: 'for jobs that name none',
    none: { title: 'No job yet', text: 'A job asks an agent something at a time of your choosing: every morning, every hour, once in twenty minutes. None runs that you did not make.' }, noneFit: 'No job fits.', timeline: 'The next 24 hours', timelineSub: 'what is due when', quiet: 'Nothing is due within 24 hours.', now: 'now',
    runs: (name: string) => `${name} runs by itself`, strip: (good: number, all: number) => `${good} of the last ${plural(all, 'run')} went well`, paused: 'paused', run: 'Run now', started: (name: string) => `${name} was started`, edit: (name: string) => `Change ${name}`,
    removeAsk: (name: string) => `Remove ${name}?`, removeText: 'A run at work goes on, and the history stays.', when: 'When', says: 'Asks the agent', tells: 'Tells the agent', target: 'Where', targets: { isolated: 'In a session of its own', main: 'In the main session', current: 'In the current session' } as Record<string, string>,
    targetHelp: { isolated: 'Each run begins fresh.', main: 'The agent is told with its next look.' } as Record<string, string>, noRuns: 'It has not run yet.', outcome: 'Outcome', began: 'Began', took: 'Took', summary: 'What came of it',
    kinds: { cron: 'By the calendar', every: 'Every so often', at: 'Once' }, expr: 'Cron expression', exprHelp: 'Minute, hour, day, month, weekday.', unit: 'Unit', units: { seconds: 'seconds', minutes: 'minutes', hours: 'hours', days: 'days' }, defaultAgent: 'Default agent',
  },

  logs: {
    search: 'Words or a regular expression', level: 'Least level', levels: { debug: 'All', info: 'Info', warn: 'Warnings', error: 'Errors' }, source: 'Source', every: (name: string) => `Every ${name}`, count: (n: number, all: number) => (n === all ? plural(n, 'line') : `${n.toLocaleString('en-US')} of ${plural(all, 'line')}`),
    pause: 'Pause', goOn: 'Go on', export: 'Copy as JSON lines', none: { title: 'Nothing is logged yet', text: 'Lines come as the gateway writes them, from debug to error.' }, noneFit: 'No line fits', waiting: (n: number) => `${plural(n, 'new line')}`, line: 'Log line', permalink: 'Copy the link', gone: 'The line of this link is older than what is kept here. The log file has it.',
  },

  devices: {
    sub: 'Browsers, apps and programs that may reach the gateway.', add: 'Add a device', paired: 'Devices', none: { title: 'No device yet', text: 'A device is paired when it signs in with the gateway’s credential on this machine, or when an owner approves it.' }, name: 'Device', role: 'Role', scopes: 'May', seen: 'Last seen', now: 'connected', this: 'this browser', everything: 'everything',
    connections: 'Connected now', connectionsSub: 'as the gateway sees it', asks: (name: string) => `${name} asks to be admitted`, asksIn: 'asks to be admitted', asksMore: 'asks for more than it has', from: 'From', platform: 'Platform', program: 'Program', key: 'Key', wide: 'It asks for everything: whoever has this device can change the gateway.', approve: 'Admit', reject: 'Turn away', approved: 'Admitted',
    linkText: 'This link signs one browser in, once. Open it on the other device; nothing else has to be typed.', linkEnds: 'It ends', linkLocal: 'This address leads to the gateway only on this machine. For another one, replace it by the address under which that one reaches the gateway.',
    revoke: 'Withdraw its token', revokeAsk: 'Withdraw the token?', revokeText: 'Its connections close, and it has to be approved again.', removeAsk: (name: string) => `Remove ${name}?`, removeText: 'Its tokens end and its connections close.', removeMine: 'This is the browser you are looking at: it is signed out at once.', mine: 'This is the browser you are looking at.',
    approvedAt: 'Admitted', via: { silent: 'with the credential, on this machine', owner: 'by an owner', auto: 'by rule', passkey: 'with a passkey', 'setup-code': 'with a setup code' } as Record<string, string>, token: (role: string) => `Token as ${role}`, ends: 'ends', copyKey: 'Copy the public key',
  },

  passkeys: {
    title: 'Passkeys', sub: 'with which people confirm that it is them', add: 'Add a passkey', name: 'Name', suggestion: 'My passkey', go: 'Make it', waiting: 'Waiting for you', rename: 'Rename', command: 'openclaw passkeys list',
    addText: 'This browser asks your phone, your security key or this device to make a passkey for the gateway. Give it a name by which you know it again.',
    added: 'The passkey is registered', removed: 'Removed', made: 'Made', used: 'Last used', host: 'Works at',
    none: { title: 'No passkey yet', text: 'A passkey lets a new browser in at once in the place of an owner’s approval, and can be made a condition for every browser.' },
    off: { title: 'Passkeys are off', text: 'They are turned off in the configuration.', command: 'openclaw config set gateway.auth.passkeys.mode optional' },
    requiredNone: 'Passkeys are required, but none is registered: until one is, the credential alone still lets browsers in.',
    unable: (port: string) => `Browsers make passkeys only for a page with a name, over https or on localhost. On the gateway’s machine open http://localhost${port ? `:${port}` : ''}.`,
    cancelled: 'Nothing was confirmed: it was cancelled, or took too long.', known: 'This authenticator has a passkey for the gateway already.', wrongHost: 'The browser refuses passkeys for this address; gateway.auth.passkeys.rpId must be its domain.',
    removeAsk: (name: string) => `Remove ${name}?`, removeText: 'It counts no more, and connections that were opened with it close. Devices that it let in stay.',
    andDevices: (n: number) => `It was lost: sign out the ${plural(n, 'device')} that it let in as well`,
  },

  setupCode: {
    add: 'Add a device with a code', text: 'A code lets one new app, program or machine in, once and soon. Whoever has it first comes in by it, so show it to that device alone.', make: 'Make the code', gives: 'What it gets',
    presets: {
      read: ['Look', 'reads everything, changes nothing'], write: ['Talk', 'reads, writes and talks with agents'], decide: ['Talk and decide', 'also approvals and questions'],
      app: ['Companion app', 'an operator that decides, and a machine that offers what it can'], node: ['Machine', 'offers what it can, and is no operator'], admin: ['Everything', 'changes the gateway and lets others in'],
    } as Record<'read' | 'write' | 'decide' | 'app' | 'node' | 'admin', readonly [string, string]>,
    label: 'Name of the device (optional)', life: 'It works for', url: 'Address', urlHelp: 'How the device reaches the gateway. Left empty, it is the gateway’s own address.',
    title: 'The code', once: 'Scan it, or type it on the device. It is shown this once: when this is closed, nobody can see it again.', picture: 'The code as a picture for a camera', node: 'On the machine', local: 'This address works on this machine alone. For another device, make the code with the address under which that one reaches the gateway.',
    came: (name: string) => `${name} came in. The code is used up.`, over: 'The code works no more. Nobody came in by it.', withdraw: 'Take back', withdrawn: 'The code is taken back. Nobody comes in by it.',
    codes: 'Setup codes', codesSub: 'each lets one device in', states: { open: 'works', used: 'used', expired: 'over' } as Record<string, string>, by: (who: string) => `made by ${who}`,
  },

  fleet: {
    sub: 'Other gateways that you reach through this one.', add: 'Add a gateway', edit: 'Change', reaching: 'connecting', gone: 'the connection was lost', unreached: (name: string, why: string) => `${name} is not connected: ${why}`,
    none: { title: 'No other gateway yet', text: 'Add your gateways at home, in the office or on a server, and look after all of them from this page: how they are, their conversations and what waits for your word. Each is reached by this gateway, with its token kept here and never shown again.' },
    states: { connecting: 'Connecting', connected: 'Connected', waiting: 'Not reachable', refused: 'Needs you' } as Record<string, string>, primary: 'primary', here: 'This gateway',
    version: 'Version', old: 'older than this page gets on with', latency: 'Latency', health: 'The last looks at it', healthOf: (good: number, all: number) => `${good} of the last ${plural(all, 'look')} answered`, noLooks: 'Not looked at yet', attempts: (n: number) => plural(n, 'attempt'),
    selfSigned: 'any certificate', pinned: 'one certificate', authority: 'own authority', plain: 'not encrypted', token: 'has a token', noToken: 'no token', fix: 'What helps', fingerprint: 'Its certificate has the fingerprint',
    open: 'Act on it', opened: 'You act on it', test: 'Test', removeAsk: (name: string) => `Remove ${name}?`, removeText: 'Its token is forgotten and the connections to it end. The gateway itself stays as it is.', removed: 'Removed',
    acting: (name: string) => `You act on ${name}`, actingText: 'Everything but this page’s list of gateways is asked of that gateway, with the rights that this browser has here.', leave: 'Back to this gateway', retry: 'Try now',
    form: {
      title: 'Add a gateway', change: (name: string) => `Change ${name}`, name: 'Name', url: 'Address', urlHelp: 'ws://host:18789 or wss://host:18789', token: 'Token', tokenHelp: 'The gateway’s own token. It is kept sealed on this gateway and cannot be read again.', tokenKept: 'A token is kept. Leave this empty to keep it; a new address needs it again.', tokenForget: 'Forget the token that is kept',
      root: 'Workspace root', rootHelp: 'Folder on that machine under which agents get their workspaces that are made through here, for example ~/.openclaw', selfSigned: 'Allow self-signed TLS certificates',
      selfSignedWarn: 'Security warning: certificates are not checked for this gateway. This weakens the transport: whoever is in between can pose as the gateway and read its token. Switch it on only when you trust both the machine and the way to it; a certificate that is checked, or the authority below, is better.',
      plainWarn: 'ws:// is not encrypted: whoever is on the way can read the token and everything said. Use wss:// unless the way itself is private, as in a VPN.', near: 'It is on this machine or in a private network', nearHelp: 'Without this the gateway connects to public addresses alone, so that nobody can use it to reach what is behind it.',
      ca: 'Certificate authority', caHelp: 'PEM text of the authority that signed its certificate, when the system does not know it', caKept: 'An authority is kept. Paste another to replace it.', caForget: 'Forget the authority that is kept', more: 'Certificate and network', primary: 'Primary gateway', pin: 'Trust the one certificate', trust: 'Trust this certificate alone', unpin: 'Check certificates as usual again',
      works: (version: string, ms: string) => `It works: version ${version}, ${ms}`, tested: 'Test', testing: 'Testing', save: 'Save', saveAnyway: 'Save all the same', mustTest: 'Test it first, so that what is kept works.', failed: 'It did not work',
    },
  },

  channels: {
    none: { title: 'No channel is connected', text: 'Channels bring Telegram, Discord, Slack, WhatsApp and web hooks to the agents. Their adapters are not part of this version yet.' }, account: 'Account', verified: 'verified', failed: 'does not answer', notProbed: 'not verified yet', probed: 'asked',
    pairing: 'People who ask to be admitted', pairingSub: 'by a code in their chat', noPairing: 'Nobody asks.',
  },

  skills: {
    search: 'Find a skill', ready: 'Ready', missing: 'Something is missing', none: { title: 'No skill is installed', text: 'A skill is a folder with a SKILL.md that tells agents how something is done. They are looked for in' }, noneFit: 'No skill fits', off: 'off', lacks: 'Lacks',
  },

  stats: {
    usage: 'Usage', gateway: 'Gateway', range: 'Range', days: (n: number) => `${n} days`, none: { title: 'Nothing was used yet', text: 'Tokens and cost appear with the first reply.' }, tokens: 'Tokens', cost: 'Cost', missing: (n: number) => `${plural(n, 'reply', 'replies')} without a price`, allPriced: 'every reply has a price', messages: (n: number) => plural(n, 'message'), errors: 'Errors', tools: (n: number) => plural(n, 'tool call'),
    tokensDaily: 'Tokens by day', costDaily: 'Cost by day', latencyDaily: 'Time of a reply by day', latencySub: 'from the request to the end', input: 'All', output: 'Out', average: 'Average', byModel: 'By model', byAgent: 'By agent', bySession: 'Most expensive sessions', bySessionSub: 'in this range', shareOf: (name: string) => `Share of ${name}`,
    hour: '1 hour', wholeDay: '24 hours', since: (at: string) => `The gateway started ${at}. It keeps these figures in memory, so there are none from before.`, measuring: { title: 'Being measured', text: (seconds: number) => `The first figures come ${seconds} seconds after the start.` },
    requests: 'Requests', requestsSub: 'a second, over sockets and HTTP', answered: 'Answered', took: 'Time of an answer', tookSub: 'without what waits for people and runs', half: 'Half within', most: '99 of 100 within', highest: 'the most that were there', events: 'Events', eventsSub: 'a second, to all connections', tokensMinute: 'Tokens', tokensMinuteSub: 'a minute', read: 'Read', written: 'Written',
    costHour: 'Cost', costHourSub: 'an hour, where prices are known', runs: 'Runs at work', atWork: 'At work', memorySub: 'of the gateway', lag: 'Alarm late by', lagSub: 'more than a few ms say that it has too much to do',
    received: 'Received', sent: 'Sent', queued: (n: number) => `${n} queued`, rtt: 'Latency, median', uptime: 'Running for', here: 'These two charts are measured by this browser since the page was opened.', latencyHere: 'to the gateway and back', soon: 'The first samples come within ten seconds.', frames: 'Messages per second', framesSub: 'on this connection', machine: 'Machine', system: 'System', cpu: 'Processors', load: 'Load', memory: 'Memory', disk: 'Disk',
    prometheus: 'For Prometheus', prometheusText: 'The gateway serves the same figures, and more, to Prometheus and Grafana on its own port.',
  },

  security: {
    picture: 'Who can do what', reach: 'Who can reach it', reachHere: 'Programs on this machine', reachFar: (bind: string, tls: boolean) => `Everybody on ${bind}${tls ? ', over TLS' : ', without TLS'}`, auth: 'How they prove who they are', modes: { token: 'A token, then a key of each device', password: 'A password, then a key of each device', none: 'Not at all', 'trusted-proxy': 'A proxy says who they are' } as Record<string, string>, devices: 'Who is let in', paired: (n: number) => plural(n, 'paired device'), commands: 'What agents may run',
    findings: 'What stands out', findingsSub: 'in the configuration in force', none: { title: 'Nothing stands out', text: 'The configuration in force holds none of the known weaknesses that can be told from here.' }, severity: { critical: 'critical', warn: 'warning', info: 'hint' }, fix: 'Fix', fixAsk: 'Change this?', fixNote: 'fixed in Mission Control', unset: 'not set',
    lockdown: 'Lockdown', lockdownText: 'Closes everything at once: other connections end, runs and programs stop, tokens of devices are withdrawn, channels and commands are switched off. It holds over every restart until somebody ends it.',
    lockdownWarn: 'While it holds, only the gateway’s own secret lets anybody in, on its own machine. This page stays as long as its connection does.', lockdownAsk: 'Lock the gateway down?', lockdownDo: 'Lock down now', locked: 'The gateway is locked down', lockdownNote: 'from Mission Control',
    lockedSince: 'Locked down since', by: 'by', unlockDo: 'End the lockdown', unlockAsk: 'End the lockdown?', unlockText: 'What it changed is put back, except what somebody changed since. Tokens of devices stay withdrawn.', unlocked: 'The lockdown has ended', stays: 'stays as it is now',
    closes: (n: number) => plural(n, 'other connection ends', 'other connections end'), stopsRuns: (n: number) => plural(n, 'run stops', 'runs stop'), stopsPrograms: (n: number) => plural(n, 'program is stopped', 'programs are stopped'), withdraws: (n: number) => plural(n, 'device token is withdrawn', 'device tokens are withdrawn'),
    summary: ({ critical, warn, info }: { critical: number; warn: number; info: number }) => `${critical} critical, ${plural(warn, 'warning')}, ${plural(info, 'hint')}`, accepted: (n: number) => `${plural(n, 'finding is', 'findings are')} accepted in security.audit.suppressions`,
    recordsSub: 'newest first', kind: 'Kind of record', kinds: { '': 'All', authentication: 'Who came in', authorization: 'What they might', config_changes: 'Settings', agent_execution: 'Runs' } as Record<string, string>, atLeast: 'Severity', levels: { '': 'All', warn: 'Warnings', error: 'Errors', critical: 'Critical' } as Record<string, string>,
    older: 'Older records', who: 'Who', target: 'What to', chain: { whole: 'As it was written', verifying: 'Being proved', broken: '' } as Record<string, string>, broken: (n: number) => `Record ${n} is not as it was written`, verified: (n: number) => `Proved up to record ${n}`,
    full: 'The whole audit', fullText: 'With --deep the command line also asks the running gateway and reads skills; --fix repairs what is safe to repair and shows the difference first.', trail: 'Audit trail', trailSub: 'runs, newest first; the records are chained by their hashes', noTrail: { title: 'Nothing is recorded yet', text: 'Every change and every run leaves a record.' }, seq: 'No.', what: 'What', outcome: 'Outcome', trailMore: 'Changes of configuration, devices and permissions are recorded too; openclaw audit lists and proves them.',
    checks: {
      invalid: ['The configuration file has errors', 'What was read before stays in force. The Config page names each error.'], noAuth: ['Nobody has to prove who they are', 'gateway.auth.mode is none: whoever reaches the gateway may do everything.'], anyOrigin: ['Every website may connect', '“*” in gateway.controlUi.allowedOrigins lets any page in a signed-in browser speak to the gateway.'],
      execFull: ['Agents run every command without asking', 'The policy is “run all, never ask”. Set it to the list under Approvals → Policy.'], plain: ['Reachable from elsewhere without TLS', 'Credentials and conversations cross the network in the clear. Switch gateway.tls on, or put a proxy before it.'], insecureAuth: ['Browsers may come without a key', 'gateway.controlUi.allowInsecureAuth accepts the shared credential alone.'],
      bypass: ['Local programs need no credential', 'gateway.auth.localBypass lets every program on this machine in.'], noDevices: ['Devices are not looked at', 'gateway.auth.deviceAuth.enabled is off: whoever has the token is everybody.'], tokenOnly: ['A device token is enough', 'gateway.auth.deviceAuth.allowTokenOnly accepts a token without the device’s signature.'], browserDevice: ['Browsers could be made to have a key', 'gateway.controlUi.requireDeviceAuth refuses browsers without a device identity.'],
    } as Record<'invalid' | 'noAuth' | 'anyOrigin' | 'execFull' | 'plain' | 'insecureAuth' | 'bypass' | 'noDevices' | 'tokenOnly' | 'browserDevice', readonly [string, string]>,
  },

  config: {
    form: 'Form', text: 'Text', history: 'History', sections: 'Sections', search: 'Find a key', onlySet: 'Only what is set', setCount: (n: number) => `${plural(n, 'key')} set`, noneFit: 'No key fits', noneFitText: 'Take filters away, or look in another section.', meant: 'Did you mean', same: 'Nothing differs.', notSet: 'not set', byDefault: (value: string) => `default: ${value}`, secretSet: 'set; type to replace it', onePerLine: 'one on each line',
    set: 'set', edited: 'changed', unset: (name: string) => `Back to the default: ${name}`, restartTag: 'restart', reconnectTag: 'new connections', restart: 'Holds after the next start.', restartWaiting: (paths: string[]) => `Waits for the next start: ${paths.join(', ')}`, needsRestart: (paths: string[]) => `Holds after the next start: ${paths.join(', ')}`, needsReconnect: (paths: string[]) => `Holds for new connections: ${paths.join(', ')}`,
    pending: (n: number) => `${plural(n, 'change')} not applied`, discard: 'Discard', review: 'Review', reviewTitle: 'What will change', apply: 'Apply', applied: 'In force', note: 'Why, for the history (optional)', textSub: 'secrets are hidden, and stay when they are not touched', holds: 'It holds', wrong: (n: number) => plural(n, 'error'),
    behind: 'The configuration was changed elsewhere while you typed. Applying this is refused, so that the other change is not lost: copy what you need, discard, and put it into the new text.',
    noHistory: { title: 'No history yet', text: 'Each state that the configuration was in is kept here.' }, historySub: 'newest first', current: 'current', compare: 'Compare', compareTitle: 'Then and now', compareText: 'Left is how it was, right how it is. Going back is a change like any other, and can be undone as well.', undo: 'Go back to this', undone: 'Back to how it was',
  },

  console: {
    call: 'Call', frames: 'Frames', search: (n: number) => `Find one of ${n} methods`, none: 'No method fits.', notYet: 'not yet', pick: { title: 'Pick a method', text: 'Everything that this page does goes through these methods, and so can you. Reads are harmless; what is audited is marked.' }, audited: 'Leaves a record in the audit', anyScope: 'any scope', run: 'Call', answer: 'Answer', refused: 'Refused', paramsSub: 'click a name to add it', required: 'required', any: 'anything',
    health: 'health', framesSub: 'as they pass, the handshake apart', noFrames: { title: 'Nothing has passed yet', text: 'Frames are kept only while this view is open.' }, in: 'in', out: 'out',
  },

  about: { gateway: 'Gateway', page: 'This page', differs: '(made for another version: load it anew)', host: 'Machine', state: 'State', methods: 'Methods', browser: 'This browser', browserText: 'Its key was made here and cannot leave the browser. Forget it, and the browser has to be approved again.', more: 'In a terminal' },
};

export type Texts = typeof T;
