//! The pages of the web, built into the program.

use std::collections::BTreeMap;
use std::io::Write as _;

use aws_lc_rs::digest;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::problem::{Code, Problem};

/// Each file of the built pages, by its path; none if the pages were not built.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// What is shown where the pages were not built into the program.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Yima</title>\
    <h1>一码 Yima</h1><p>The pages are not built into this program. Run <code>npm ci &amp;&amp; npm run build</code> in the \
    folder <code>web</code>, then build the program again. The API is at <a href=\"/v1/openapi.json\">/v1</a>.</p></html>\n";

/// Below this size compressing saves nothing.
const COMPRESSED_FROM_BYTES: usize = 1024;

/// The pages, ready to be sent.
#[derive(Debug)]
pub(crate) struct Pages(BTreeMap<&'static str, Page>);

#[derive(Debug)]
struct Page {
    plain: &'static [u8],
    gzip: Option<Vec<u8>>,
    content_type: &'static str,
    etag: HeaderValue,
}

impl Pages {
    /// The pages of this program.
    pub(crate) fn embedded() -> Self {
        Self::of(FILES)
    }

    fn of(files: &[(&'static str, &'static [u8])]) -> Self {
        let not_built: &[(&'static str, &'static [u8])] = &[("index.html", NOT_BUILT.as_bytes())];
        let files = if files.is_empty() { not_built } else { files };
        Self(files.iter().map(|(name, content)| (*name, Page::new(name, content))).collect())
    }

    /// Answers a request for anything outside the API; a path that only the page itself understands gets that page.
    pub(crate) fn answer(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
        if uri.path() == "/v1" || uri.path().starts_with("/v1/") {
            return Problem::from(Code::NotFound).into_response();
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            return Problem::from(Code::MethodWrong).into_response();
        }
        match self.find(uri.path().trim_matches('/')) {
            Some((name, page)) => page.answer(name, headers),
            None => Problem::from(Code::NotFound).into_response(),
        }
    }

    fn find(&self, path: &str) -> Option<(&'static str, &Page)> {
        let get = |name: &str| self.0.get_key_value(name).map(|(name, page)| (*name, page));
        let page_of = |path: &str| get(&format!("{path}.html")).or_else(|| get(&format!("{path}/index.html")));
        if let Some(found) = get(path) {
            return Some(found);
        }
        let is_file = path.rsplit('/').next().is_some_and(|last| last.contains('.'));
        if is_file {
            return None;
        }
        let first = path.split('/').next().unwrap_or_default();
        page_of(path).or_else(|| page_of(first)).or_else(|| get("index.html"))
    }
}

impl Page {
    fn new(name: &str, plain: &'static [u8]) -> Self {
        let content_type = content_type(name);
        let is_text = !content_type.starts_with("image/png") && !content_type.starts_with("font/");
        let digest = digest::digest(&digest::SHA256, plain);
        let tag: String = digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self {
            plain,
            gzip: (is_text && plain.len() >= COMPRESSED_FROM_BYTES).then(|| gzip(plain)).flatten(),
            content_type,
            etag: HeaderValue::from_str(&format!("W/\"{tag}\"")).unwrap_or(HeaderValue::from_static("W/\"\"")),
        }
    }

    fn answer(&self, name: &str, headers: &HeaderMap) -> Response {
        let lists = |header: header::HeaderName, word: &str| {
            headers.get(header).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(word))
        };
        // The build puts a hash into the names of these files, so that they never change.
        let is_hashed = name.starts_with("assets/");
        let caching = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        let common = [
            (header::ETAG, self.etag.clone()),
            (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ];
        if self.etag.to_str().is_ok_and(|etag| lists(header::IF_NONE_MATCH, etag)) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type))];
        match &self.gzip {
            Some(gzip) if lists(header::ACCEPT_ENCODING, "gzip") => {
                (common, kind, [(header::CONTENT_ENCODING, "gzip")], gzip.clone()).into_response()
            }
            _ => (common, kind, self.plain).into_response(),
        }
    }
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).and_then(|()| encoder.finish()).ok()
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&'static str, &'static [u8])], path: &str) -> Option<&'static str> {
        Pages::of(files).find(path.trim_matches('/')).map(|(name, _)| name)
    }

    #[test]
    fn a_path_leads_to_its_file_or_to_the_page_that_understands_it() {
        let files: &[(&'static str, &'static [u8])] =
            &[("index.html", b""), ("checkpoint.html", b""), ("console/index.html", b""), ("assets/a.js", b"")];
        let check = |path, expected| assert_eq!(found(files, path), expected, "{path}");
        check("/", Some("index.html"));
        check("/my/code", Some("index.html"));
        check("/checkpoint", Some("checkpoint.html"));
        check("/checkpoint/scan", Some("checkpoint.html"));
        check("/console/", Some("console/index.html"));
        check("/assets/a.js", Some("assets/a.js"));
        check("/assets/b.js", None);
        check("/../etc/passwd.txt", None);
        assert_eq!(found(&[], "/"), Some("index.html"), "a plain page says how to build the pages");
    }

    #[test]
    fn pages_are_compressed_for_those_who_ask_and_sent_once() {
        let long: &'static [u8] = Box::leak(vec![b'a'; 4096].into_boxed_slice());
        let page = Page::new("a.js", long);
        let mut headers = HeaderMap::new();
        assert!(page.answer("a.js", &headers).headers().get(header::CONTENT_ENCODING).is_none());
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip"));
        assert_eq!(page.answer("a.js", &headers).headers()[header::CONTENT_ENCODING], "gzip");
        headers.insert(header::IF_NONE_MATCH, page.etag.clone());
        assert_eq!(page.answer("a.js", &headers).status(), StatusCode::NOT_MODIFIED);
    }
}
