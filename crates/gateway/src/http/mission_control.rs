//! Mission Control, from the files that were built into the program.

use std::path::Path;

use axum::{body::Body, response::IntoResponse};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use openclaw_interface::File;

use super::bundle;

/// What the page may load: its own files, its own gateway, and pictures that somebody attaches.
pub(super) const POLICY: &str = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; \
                      script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
                      manifest-src 'self'";

/// The answer to a request for this path of the page. A path without an extension that names no file is one of the page's
/// own, and gets its `index.html`.
pub(super) fn serve(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let relative = bundle::place(path)?;
    let named = relative.to_str().and_then(openclaw_interface::file);
    let file = match named {
        Some(file) => file,
        None if relative.extension().is_none() => openclaw_interface::file("index.html")?,
        None => return None,
    };
    if *method != Method::GET && *method != Method::HEAD {
        let refused = (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")], "Method Not Allowed");
        return Some(refused.into_response());
    }
    Some(answer(file, headers))
}

fn answer(file: &'static File, headers: &HeaderMap) -> Response<Body> {
    let accepted = |coding| accepts(headers, coding);
    let (bytes, coding) = match (file.brotli, file.gzip) {
        (Some(bytes), _) if accepted("br") => (bytes, Some("br")),
        (_, Some(bytes)) if accepted("gzip") => (bytes, Some("gzip")),
        _ => (file.plain, None),
    };
    // Each coding is another answer, and is known by another name.
    let etag = format!("\"{}-{}\"", file.hash, coding.unwrap_or("plain"));
    let mut response = if bundle::is_known(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(bytes))
    };
    let told = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        told.insert(header::ETAG, etag);
    }
    if let Some(coding) = coding {
        told.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    // Names below `assets` hold a hash of the content.
    let cache = if file.path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    for (name, value) in [
        (header::CONTENT_TYPE, bundle::content_type(Path::new(file.path))),
        (header::CACHE_CONTROL, cache),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ] {
        told.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether the caller takes this coding.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, "q=1"));
        let refused = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        name.trim().eq_ignore_ascii_case(coding) && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_taken_as_they_are_offered() {
        let takes = |offered: &'static str, coding| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(offered))]);
            accepts(&headers, coding)
        };
        assert!(takes("gzip, deflate, br", "br") && takes("GZIP;q=0.5", "gzip"));
        assert!(!takes("gzip;q=0, br;q=1", "gzip") && !takes("", "br") && !takes("brotli", "br"));
        assert!(!accepts(&HeaderMap::new(), "br"));
    }

    static PAGE: File = File { path: "index.html", hash: "00", plain: b"<p>", brotli: Some(b"br"), gzip: Some(b"gz") };
    static ASSET: File = File { path: "assets/a-1.js", hash: "11", plain: b"1", brotli: None, gzip: None };

    #[test]
    fn an_answer_is_packed_named_and_kept_as_its_name_allows() {
        let offered = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"))]);
        let page = answer(&PAGE, &offered);
        assert_eq!(page.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(page.headers()[header::ETAG], "\"00-gzip\"");
        assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
        assert!(!POLICY.contains("unsafe"), "{POLICY}");
        let known = HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static("\"11-plain\""))]);
        let asset = answer(&ASSET, &known);
        assert_eq!(asset.status(), StatusCode::NOT_MODIFIED);
        assert!(asset.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(asset.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    }
}
