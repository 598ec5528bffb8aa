//! `gateway.controlUi.root`: a folder of static files in the place of the built-in page, for example the official interface.
//!
//! Only regular files below the folder are served, whatever a path or a link in the folder says. A path without an extension
//! that names no file is one of the interface's own, and gets its `index.html`.

mod html;
mod place;

pub(super) use place::content_type;

use std::{
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use axum::{body::Body, response::IntoResponse};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use tokio::{
    fs::{self, File},
    io::AsyncReadExt,
};
use tracing::warn;

/// Bytes that are read from a file at once.
const CHUNK: usize = 64 * 1024;
/// Bytes of an `index.html`, which is kept in memory while it is prepared.
const INDEX_BYTES: u64 = 2 * 1024 * 1024;
/// First words of paths that are the gateway's own, so that a typing error in one of them is an error and no page.
const OURS: [&str; 8] = ["api", "v1", "rpc", "hooks", "tools", "events", "metrics", "openapi.json"];

/// The place of an interface that a path names; `None` for whatever is no plain path, or one of the gateway's own.
pub(super) fn place(path: &str) -> Option<PathBuf> {
    let relative = place::relative(path)?;
    let first = relative.components().next().and_then(|first| first.as_os_str().to_str()).unwrap_or_default();
    (!OURS.contains(&first)).then_some(relative)
}

/// The answer to a request for this path of the bundle.
pub(super) async fn serve(root: &Path, method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
    if *method != Method::GET && *method != Method::HEAD {
        return super::nothing().await.into_response();
    }
    let Some(relative) = place(path) else { return super::nothing().await.into_response() };
    let is_index = relative.as_os_str().is_empty() || relative == Path::new("index.html");
    if !is_index {
        match open(root, &relative).await {
            Ok(Some(found)) => return found.answer(&relative, headers),
            Ok(None) => {}
            Err(error) => return broken(root, &error),
        }
        if relative.extension().is_some() {
            return super::nothing().await.into_response();
        }
    }
    index(root, headers).await
}

/// A file of the bundle.
struct Found {
    file: File,
    len: u64,
    etag: String,
}

impl Found {
    fn answer(self, relative: &Path, headers: &HeaderMap) -> Response<Body> {
        let cache = if place::is_immutable(relative) { "public, max-age=31536000, immutable" } else { "no-cache" };
        let kind = content_type(relative);
        let mut response = if is_known(headers, &self.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let body = Body::from_stream(stream::try_unfold((self.file, self.len), |(mut file, left)| async move {
                let mut chunk = vec![0; CHUNK.min(usize::try_from(left).unwrap_or(CHUNK))];
                let read = file.read(&mut chunk).await?;
                chunk.truncate(read);
                match (left, read) {
                    (0, _) => Ok(None),
                    (_, 0) => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                    _ => Ok(Some((Bytes::from(chunk), (file, left - read as u64)))),
                }
            }));
            let mut response = Response::new(body);
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(self.len));
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        if let Ok(etag) = HeaderValue::from_str(&self.etag) {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

/// The start page, made ready for this gateway.
async fn index(root: &Path, headers: &HeaderMap) -> Response<Body> {
    let read = async {
        let Some(mut found) = open(root, Path::new("index.html")).await? else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "there is no index.html in it"));
        };
        if found.len > INDEX_BYTES {
            return Err(io::Error::other(format!("its index.html is longer than {INDEX_BYTES} bytes")));
        }
        let mut text = String::new();
        found.file.read_to_string(&mut text).await?;
        Ok((text, found.etag))
    };
    let (text, etag) = match read.await {
        Ok(read) => read,
        Err(error) => return broken(root, &error),
    };
    let page = html::prepared(&text);
    let mut response = if is_known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(page.text))
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, &page.policy),
        (header::ETAG, &etag),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    response
}

/// Opens a file of the bundle; `None` when there is none, or none that may be served.
async fn open(root: &Path, relative: &Path) -> io::Result<Option<Found>> {
    let root = fs::canonicalize(root).await?;
    // Whatever keeps a file from being found or opened, whoever asks learns only that there is none.
    let Ok(path) = fs::canonicalize(root.join(relative)).await else { return Ok(None) };
    // A link that leads out is as if it were not there.
    if !path.starts_with(&root) {
        return Ok(None);
    }
    let Ok(file) = File::open(&path).await else { return Ok(None) };
    let about = file.metadata().await?;
    if !about.is_file() {
        return Ok(None);
    }
    let changed = about.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    let changed = changed.map_or(0, |since| since.as_nanos());
    Ok(Some(Found { file, len: about.len(), etag: format!("\"{:x}-{changed:x}\"", about.len()) }))
}

pub(super) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let asked = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    asked.is_some_and(|asked| {
        asked.split(',').any(|known| known.trim().trim_start_matches("W/") == etag || known.trim() == "*")
    })
}

/// The folder cannot be served as it is.
fn broken(root: &Path, error: &io::Error) -> Response<Body> {
    warn!(root = %root.display(), %error, "gateway.controlUi.root cannot be served");
    let text = "the folder of gateway.controlUi.root cannot be served; the gateway's log says why\n";
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// The folder that is served, when one is.
pub(super) fn root(state: &crate::state::State) -> Option<PathBuf> {
    state.active().loaded.config.gateway.control_ui.root.clone().map(PathBuf::from)
}
