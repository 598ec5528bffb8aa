//! A provider that is reached over HTTP, whatever its wire.

use std::sync::Arc;

use async_trait::async_trait;
use openclaw_core::Secret;
use reqwest::{Client, Url, header::CONTENT_TYPE};

use super::{
    Api, Demo, anthropic::Anthropic, gemini::Gemini, ollama::Ollama, openai_chat::OpenAiChat,
    openai_responses::OpenAiResponses,
};
use crate::{
    Error,
    provider::{DeltaStream, Provider, Request},
    registry::ProviderSettings,
    transport::{self, Decode, Endpoint, Framing, Limit, Timeouts},
};

/// What distinguishes one wire from another.
pub(super) trait Wire: Send + Sync + 'static {
    /// How the answer is framed.
    const FRAMING: Framing;
    /// The limits that the vendor tells in headers.
    const LIMITS: &'static [Limit] = &[];
    /// Reads one answer, from its beginning.
    type Decoder: Decode + Default;

    /// Adds the headers that the wire demands.
    fn authorize(&self, endpoint: Endpoint, key: Option<&Secret>) -> Result<Endpoint, Error>;

    /// Where the request goes.
    fn url(&self, endpoint: &Endpoint, request: &Request) -> Url;

    /// The request as JSON.
    fn body(&self, endpoint: &Endpoint, request: &Request) -> Vec<u8>;
}

struct Remote<W> {
    name: String,
    http: Client,
    endpoint: Endpoint,
    wire: W,
}

#[async_trait]
impl<W: Wire> Provider for Remote<W> {
    fn name(&self) -> &str {
        &self.name
    }

    async fn stream(&self, request: Request) -> Result<DeltaStream, Error> {
        let mut call = self
            .http
            .post(self.wire.url(&self.endpoint, &request))
            .headers(self.endpoint.headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(self.wire.body(&self.endpoint, &request));
        if let Some(traceparent) = &request.traceparent {
            call = call.header("traceparent", traceparent);
        }
        drop(request);
        transport::open(call, &self.endpoint, W::FRAMING, Box::new(W::Decoder::default())).await
    }
}

/// The provider that the settings describe, with one of its keys. Nothing is sent yet.
pub(crate) fn connect(
    settings: &ProviderSettings,
    key: Option<&Secret>,
    http: &Client,
    timeouts: Timeouts,
) -> Result<Arc<dyn Provider>, Error> {
    let timeouts = settings.timeout.map_or(timeouts, |timeout| timeouts.answering_within(timeout));
    match settings.api {
        Api::AnthropicMessages => remote(Anthropic, settings, key, http, timeouts),
        Api::OpenAiCompletions => remote(OpenAiChat, settings, key, http, timeouts),
        Api::OpenAiResponses => remote(OpenAiResponses, settings, key, http, timeouts),
        Api::GoogleGenerativeAi => remote(Gemini, settings, key, http, timeouts),
        Api::Ollama => remote(Ollama, settings, key, http, timeouts),
        Api::Demo => Ok(Arc::new(Demo::new(settings.id.clone()))),
    }
}

fn remote<W: Wire>(
    wire: W,
    settings: &ProviderSettings,
    key: Option<&Secret>,
    http: &Client,
    timeouts: Timeouts,
) -> Result<Arc<dyn Provider>, Error> {
    let mut endpoint = wire.authorize(Endpoint::new(&settings.id, settings.address(), timeouts)?, key)?;
    endpoint.limits = W::LIMITS;
    for (name, value) in &settings.headers {
        endpoint = endpoint.with_header(name, "", value)?;
    }
    Ok(Arc::new(Remote { name: settings.id.clone(), http: http.clone(), endpoint, wire }))
}
