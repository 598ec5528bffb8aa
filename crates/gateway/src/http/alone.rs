//! Mission Control without a gateway behind it: `openclaw ui`, specification 001's second container. It holds no state and no
//! secret; the page learns from it alone which gateway it speaks with (SECURITY T05).

use std::{convert::Infallible, io, path::PathBuf, sync::Arc, time::Duration};

use axum::{body::Body, response::IntoResponse};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use openclaw_client::GatewayUrl;
use openclaw_core::Tasks;
use tokio::{net::TcpListener, sync::Semaphore};

use super::{bundle, mission_control, nothing, secured};

/// Connections at the same time; others wait to be accepted.
const MOST: usize = 512;
const HEAD: Duration = Duration::from_secs(10);
/// A page is a few short requests.
const WHOLE: Duration = Duration::from_secs(60);

/// The page, and the gateway that it speaks with.
#[derive(Debug)]
pub struct PageAlone {
    root: Option<PathBuf>,
    index: String,
    policy: HeaderValue,
}

/// Why there is no page to serve.
#[derive(Debug, thiserror::Error)]
pub enum NoPage {
    /// The program was built without it.
    #[error("this build has no page in it")]
    NotBuilt,
    /// The folder has none.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl PageAlone {
    /// The page that was built in, or that of a folder, for this gateway.
    ///
    /// # Errors
    /// [`NoPage`] when there is none.
    pub fn new(gateway: &GatewayUrl, root: Option<PathBuf>) -> Result<Self, NoPage> {
        let index = match &root {
            Some(root) => {
                let path = root.join("index.html");
                std::fs::read_to_string(&path).map_err(|source| NoPage::Unreadable { path, source })?
            }
            None => {
                let file = openclaw_interface::file("index.html").ok_or(NoPage::NotBuilt)?;
                String::from_utf8_lossy(file.plain).into_owned()
            }
        };
        let address = gateway.to_string();
        let escaped = address.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        let told = format!("<head>\n<meta name=\"openclaw-gateway-url\" content=\"{escaped}\">");
        // Its own files, and that one gateway: nothing that gets into the page could speak with another.
        let scheme = if gateway.is_secure() { "wss" } else { "ws" };
        let host =
            if gateway.host().contains(':') { format!("[{}]", gateway.host()) } else { gateway.host().to_owned() };
        let connects = format!("connect-src 'self' {scheme}://{host}:{}", gateway.port());
        let policy = mission_control::POLICY.replace("connect-src 'self'", &connects);
        Ok(Self {
            root,
            index: index.replacen("<head>", &told, 1),
            policy: HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static(mission_control::POLICY)),
        })
    }

    async fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
        if matches!(path, "/health" | "/healthz") {
            return super::health().await.into_response();
        }
        let Some(relative) = bundle::place(path) else { return nothing().await.into_response() };
        let is_page =
            relative.as_os_str().is_empty() || relative.as_os_str() == "index.html" || relative.extension().is_none();
        if !is_page {
            return match &self.root {
                Some(root) => bundle::serve(root, method, path, headers).await,
                None => match mission_control::serve(method, path, headers) {
                    Some(answer) => answer,
                    None => nothing().await.into_response(),
                },
            };
        }
        if *method != Method::GET && *method != Method::HEAD {
            return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")], "Method Not Allowed")
                .into_response();
        }
        let mut page = Response::new(Body::from(self.index.clone()));
        let told = page.headers_mut();
        told.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        told.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        told.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        page
    }
}

/// Serves the page until the tasks are asked to stop.
pub async fn serve_alone(listener: TcpListener, page: PageAlone, tasks: Tasks) {
    let (page, places) = (Arc::new(page), Arc::new(Semaphore::new(MOST)));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let accepted = tokio::select! {
            () = tasks.stopping() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, for example: others may end and free some.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let page = Arc::clone(&page);
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let page = Arc::clone(&page);
            async move {
                let answer = page.answer(request.method(), request.uri().path(), request.headers()).await;
                Ok::<_, Infallible>(secured(answer))
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let stop = tasks.stop_token();
        tasks.spawn("page alone", async move {
            let _place = place;
            tokio::select! {
                () = stop.cancelled() => {}
                _ = tokio::time::timeout(WHOLE, connection) => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(url: &str) -> (PageAlone, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "<html><head><title>x</title></head></html>").unwrap();
        (PageAlone::new(&url.parse().unwrap(), Some(folder.path().to_owned())).unwrap(), folder)
    }

    #[tokio::test]
    async fn the_page_learns_its_gateway_from_the_server_and_may_speak_with_no_other() {
        let (page, _folder) = page("wss://gw.example/a&b");
        assert!(page.index.contains("<meta name=\"openclaw-gateway-url\" content=\"wss://gw.example:443/a&amp;b\">"));
        let answer = page.answer(&Method::GET, "/sessions", &HeaderMap::new()).await;
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.contains("connect-src 'self' wss://gw.example:443;"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        for (method, path, status) in [
            (Method::GET, "/healthz", 200),
            (Method::POST, "/", 405),
            (Method::POST, "/api/login", 404),
            (Method::GET, "/../secret.txt", 404),
            (Method::GET, "/no-such.js", 404),
        ] {
            assert_eq!(page.answer(&method, path, &HeaderMap::new()).await.status(), status, "{method} {path}");
        }
    }

    #[test]
    fn without_a_page_it_says_where_it_looked() {
        let nowhere = PathBuf::from("/nonexistent");
        let error = PageAlone::new(&GatewayUrl::local(1), Some(nowhere)).unwrap_err();
        assert!(error.to_string().starts_with("/nonexistent/index.html"), "{error}");
    }
}
