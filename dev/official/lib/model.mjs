// A model that says what the story needs: an OpenAI-compatible chat completions server on loopback.
// A conversation with "be slow" in it streams for about twenty seconds, everything else answers at once.
import http from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

/** The text that a quick answer consists of, one delta per entry. */
export const quick = ['Hello', ' from', ' the', ' story', ' model', '.'];

export async function startModel() {
  const requests = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const asked = JSON.parse(body || '{}');
    requests.push({ url: request.url, headers: request.headers, body: asked });
    const users = (asked.messages ?? []).filter((message) => message.role === 'user');
    const slow = users.some(({ content }) => JSON.stringify(content ?? '').includes('be slow'));
    const words = slow ? Array.from({ length: 400 }, (_, n) => `word${n} `) : quick;
    const chunk = (delta, finish = null) =>
      `data: ${JSON.stringify({
        id: 'chatcmpl-story', object: 'chat.completion.chunk', created: 1, model: asked.model,
        choices: [{ index: 0, delta, finish_reason: finish }],
      })}\n\n`;
    let gone = false;
    response.on('close', () => (gone = true));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ role: 'assistant', content: '' }));
    for (const word of words) {
      if (gone) return;
      response.write(chunk({ content: word }));
      if (slow) await pause(50);
    }
    response.write(chunk({}, 'stop'));
    const usage = { prompt_tokens: 10, completion_tokens: words.length, total_tokens: 10 + words.length };
    response.write(`data: ${JSON.stringify({ id: 'chatcmpl-story', object: 'chat.completion.chunk', created: 1, model: asked.model, choices: [], usage })}\n\n`);
    response.end('data: [DONE]\n\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/v1`;
  return {
    requests,
    /** The part of the configuration that makes this the gateway's model. */
    config: {
      agents: { defaults: { model: { primary: 'story/talk' } } },
      models: {
        providers: {
          story: {
            baseUrl: url, apiKey: 'story-key', api: 'openai-completions',
            models: [{
              id: 'talk', name: 'Talk', reasoning: false, input: ['text'], contextWindow: 128000, maxTokens: 4096,
              cost: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
            }],
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
