// A model for stories: an OpenAI-compatible server on loopback. What it says depends on the last message of the person.
import http from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const answers = [
  // 200 words a second, for the figures.
  { when: /flood/, words: Array.from({ length: 2000 }, (_, n) => (n % 60 === 59 ? 'end.\n\n' : n % 240 === 7 ? '`code` ' : `word${n} `)), perSecond: 200 },
  { when: /slow/, words: Array.from({ length: 400 }, (_, n) => `word${n} `), every: 40 },
  {
    when: /plan|trip/i,
    words: [
      'Here is a plan for **three days in Lisbon**:\n\n', '1. **Day one**: Alfama on foot, then the river at sunset.\n',
      '2. **Day two**: Belém early, before the queues.\n', '3. **Day three**: train to Sintra, back for dinner.\n\n',
      '| Day | Place | Budget |\n|---|---|---:|\n| 1 | Alfama | €60 |\n| 2 | Belém | €75 |\n| 3 | Sintra | €90 |\n\n',
      '```sh\ncp notes/lisbon.md plans/\n```\n\n', 'Shall I put the trains into your calendar?',
    ],
    every: 15,
  },
  { when: /attack|xss/i, words: ['<img src=x onerror="window.hacked=1"> <script>window.hacked=1</script> [link](javascript:window.hacked=1) <svg onload="window.hacked=1"> <a href="data:text/html,x">x</a> ok'], every: 0 },
  ...[
    [/on today/, 'Two meetings: the **design review** at 10:00 and the call with Ines at 15:30. The train to Porto leaves at 18:40.'],
    [/receipts/, 'Three are missing: the *September hosting bill*, the train to Porto and the new keyboard. I found drafts of two in your inbox.'],
    [/last night/, 'Quiet: 2 warnings, both about the backup disk at **81 %**. Nothing failed.'],
    [/deployment/, 'The build is green. Before it goes live I have to replace the old files, which needs your word.'],
    [/lentils/, 'A dal for six: 500 g of red lentils, two onions, ginger, a tin of tomatoes, coconut milk. Forty minutes.'],
    [/landlord/, 'Here is a draft: “Dear Ms Albrecht, thank you for your letter of the 12th. The window was repaired on Monday…”'],
    [/restore/, 'On **3 November**: 41 GB in 22 minutes, and every checksum matched.'],
    [/three papers/, 'All three measure the same thing: small models lose less by quantisation than was thought.'],
    [/inbox/i, 'Swept: 14 archived, 2 wait for an answer from you.'],
    [/backups/i, 'The newest backup is four hours old and verified.'],
  ].map(([when, text]) => ({ when, words: text.match(/\S+\s*/g), every: 0 })),
  { when: /./s, words: ['Hello', '! ', 'All ', 'systems ', 'are ', 'well. ', 'What ', 'shall ', 'we ', 'do?'], every: 10 },
];

export async function startModel() {
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const asked = JSON.parse(body || '{}');
    const users = (asked.messages ?? []).filter((message) => message.role === 'user');
    const last = JSON.stringify(users.at(-1)?.content ?? '');
    const answer = answers.find(({ when }) => when.test(last));
    const frame = (value) => `data: ${JSON.stringify({ id: 'chatcmpl-story', object: 'chat.completion.chunk', created: 1, model: asked.model, ...value })}\n\n`;
    let gone = false;
    response.on('close', () => (gone = true));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const began = Date.now();
    for (const [n, word] of answer.words.entries()) {
      if (gone) return;
      response.write(frame({ choices: [{ index: 0, delta: { content: word }, finish_reason: null }] }));
      if (answer.every) await pause(answer.every);
      // By the clock, so that slow timers do not make it slower.
      if (answer.perSecond) await pause(Math.max(0, began + ((n + 1) * 1000) / answer.perSecond - Date.now()));
    }
    response.write(frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
    const usage = { prompt_tokens: Math.ceil(body.length / 4), completion_tokens: answer.words.length * 3 };
    response.write(frame({ choices: [], usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens } }));
    response.end('data: [DONE]\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    config: {
      agents: {
        defaults: { model: { primary: 'story/talk' } },
        list: [
          { id: 'main', name: 'Atlas', identity: { name: 'Atlas' } },
          { id: 'ops', name: 'Ops', identity: { name: 'Ops' } },
        ],
      },
      models: {
        providers: {
          story: {
            baseUrl: `http://127.0.0.1:${server.address().port}/v1`, apiKey: 'story-key', api: 'openai-completions',
            models: ['talk', 'think'].map((id) => ({
              id, name: id === 'talk' ? 'Talk' : 'Think', reasoning: false, input: ['text'], contextWindow: 32000, maxTokens: 4096,
              cost: { input: 3, output: 15, cacheRead: 0, cacheWrite: 0 },
            })),
          },
        },
      },
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
