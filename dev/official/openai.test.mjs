// The official library for OpenAI's interface talks to agents as if they were models.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startGateway } from './lib/gateway.mjs';
import { load } from './lib/setup.mjs';

const { default: OpenAI } = await load('openai');

const endpoints = { chatCompletions: { enabled: true }, responses: { enabled: true } };

async function started(t) {
  const gateway = await startGateway(t, { model: 'story', config: { gateway: { http: { endpoints } } } });
  const client = new OpenAI({ apiKey: gateway.token, baseURL: `${gateway.http}/v1`, maxRetries: 0 });
  return { gateway, client };
}

const hello = [{ role: 'user', content: 'hello' }];

describe("the official library for OpenAI's interface", () => {
  test('lists agents as models', async (t) => {
    const { client } = await started(t);
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.ok(ids.includes('openclaw') && ids.includes('openclaw/main'), ids.join(' '));
    assert.equal((await client.models.retrieve('openclaw/main')).object, 'model');
  });

  test('gets a whole completion and a streamed one', async (t) => {
    const { client } = await started(t);
    const whole = await client.chat.completions.create({ model: 'openclaw', messages: hello });
    const text = whole.choices[0].message.content;
    assert.match(text, /Hello/);
    assert.equal(whole.choices[0].finish_reason, 'stop');
    assert.equal(whole.usage.total_tokens, whole.usage.prompt_tokens + whole.usage.completion_tokens);
    const stream = await client.chat.completions.create({ model: 'openclaw', messages: hello, stream: true, stream_options: { include_usage: true } });
    let said = '';
    let usage;
    for await (const chunk of stream) {
      said += chunk.choices[0]?.delta?.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(said, text);
    assert.ok(usage.total_tokens >= 0);
  });

  test('gets a whole response, a streamed one, and goes on from it', async (t) => {
    const { client } = await started(t);
    const whole = await client.responses.create({ model: 'openclaw', input: 'hello' });
    assert.equal(whole.status, 'completed');
    assert.match(whole.output_text, /Hello/);
    const stream = client.responses.stream({ model: 'openclaw', input: 'hello', previous_response_id: whole.id });
    const last = await stream.finalResponse();
    assert.equal(last.output_text, whole.output_text);
    assert.equal(last.previous_response_id, whole.id);
  });

  test('stops the model when it is told to stop', async (t) => {
    const { client } = await started(t);
    const stream = await client.chat.completions.create({ model: 'openclaw', messages: [{ role: 'user', content: 'be slow' }], stream: true });
    let chunks = 0;
    for await (const chunk of stream) {
      chunks += chunk.choices[0]?.delta?.content ? 1 : 0;
      if (chunks >= 2) stream.controller.abort();
    }
    assert.ok(chunks < 100, `${chunks} pieces came`);
  });

  test('reads our refusals as its own errors', async (t) => {
    const { client, gateway } = await started(t);
    await assert.rejects(client.chat.completions.create({ model: 'gpt-4', messages: hello }), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError);
      assert.equal(error.type, 'invalid_request_error');
      assert.match(error.message, /Use `openclaw`/);
      return true;
    });
    await assert.rejects(client.embeddings.create({ model: 'openclaw', input: 'x' }), OpenAI.InternalServerError);
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${gateway.http}/v1`, maxRetries: 0 });
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  });
});
