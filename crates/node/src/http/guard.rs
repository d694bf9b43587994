//! What holds for every request: how many, how long, from which page; what every answer carries; and what is counted.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use super::AppState;
use super::bindings::too_many;
use super::extract::request_key;
use super::padding;
use super::problem::{Code, Counted, Problem};
use crate::app::App;
use crate::clock::Stopwatch;
use crate::metrics::{ProblemLabels, RequestLabels};
use crate::network::{Network, Peer};

/// Scripts come from files of our own alone; the camera is for the checkpoint's page.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(), microphone=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

pub(super) async fn guard(
    State(app): State<AppState>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let stopwatch = Stopwatch::start();
    let method = method_label(request.method());
    let limit = Duration::from_secs(app.limits.request_seconds.into());
    let mut response = match (app.capacity.try_acquire(), admit(&app, route.as_ref(), &request)) {
        (Err(_), _) => Problem::retry_after(Code::Busy, 1).into_response(),
        (_, Err(problem)) => problem.into_response(),
        (Ok(_permit), Ok(())) => {
            app.metrics.open.inc();
            let answer = timeout(limit, next.run(request)).await;
            app.metrics.open.dec();
            answer.unwrap_or_else(|_| Problem::retry_after(Code::TimedOut, 1).into_response())
        }
    };
    if route.as_ref().is_some_and(padding::is_about_a_person) {
        response = padding::pad(response).await;
    }
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    // What stands in an answer of the API is for whoever asked, unless a handler says otherwise.
    if route.is_some() && !response.headers().contains_key(header::CACHE_CONTROL) {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let route = route.map_or_else(|| "page".to_owned(), |route| route.as_str().to_owned());
    let (status, elapsed) = (response.status().as_u16(), stopwatch.elapsed());
    tracing::debug!(
        http.route = route,
        http.method = method,
        http.status = status,
        duration_ms = elapsed.as_millis() as u64,
        "answered"
    );
    app.metrics.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    app.metrics.request_seconds.observe(elapsed.as_secs_f64());
    if let Some(Counted(code)) = response.extensions().get() {
        app.metrics.problems.get_or_create(&ProblemLabels { code: code.word() }).inc();
    }
    response
}

/// What must be right before a request changes anything.
fn admit(app: &App, route: Option<&MatchedPath>, request: &Request) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    if !is_same_origin(request.headers(), request.uri()) || !is_allowed_origin(&app.origins, request.headers()) {
        return Err(Code::OriginWrong.into());
    }
    request_key(request.headers())?;
    let is_metered = *request.method() == Method::POST && route.is_some_and(|route| METERED.contains(&route.as_str()));
    match request.extensions().get::<Peer>().filter(|_| is_metered) {
        Some(Peer(address)) => {
            let (now, max) = (app.now(), app.limits.network_requests_per_hour);
            app.bindings.count_network(Network::of(*address), now, max).map_err(|many| too_many(many, now))
        }
        None => Ok(()),
    }
}

/// What signs in or registers: whoever tries out secrets or numbers, or has messages sent, does it here.
pub(super) const METERED: [&str; 7] = [
    "/v1/bindings",
    "/v1/bindings/{binding}/confirm",
    "/v1/residents",
    "/v1/staff/sessions",
    "/v1/me/dependents",
    "/v1/me/dependents/look-up",
    "/v1/venue-devices",
];

/// Where the operator has named the addresses of this service, no other page changes anything, whatever host it was sent to.
fn is_allowed_origin(allowed: &[String], headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    allowed.is_empty() || allowed.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
}

/// Browsers name the page that a request comes from; whoever signs in by cookie must name one, and it must be ours.
fn is_same_origin(headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return !headers.contains_key(header::COOKIE) };
    // HTTP/2 has the host in the address of the request.
    let host = uri.authority().map(|authority| authority.as_str().as_bytes());
    let host = host.or_else(|| headers.get(header::HOST).map(HeaderValue::as_bytes));
    host.is_some_and(|host| origin.as_bytes().strip_prefix(b"https://") == Some(host))
}

/// One of a closed set, since anybody can send anything.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_change_anything() {
        let check = |origin: Option<&'static str>, cookie: bool, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("yima.example:8443"));
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            if cookie {
                headers.insert(header::COOKIE, HeaderValue::from_static("yima_session=x"));
            }
            assert_eq!(is_same_origin(&headers, &Uri::from_static("/v1/me")), expected, "{origin:?} {cookie}");
        };
        check(Some("https://yima.example:8443"), true, true);
        check(Some("https://yima.example:8443"), false, true);
        check(None, false, true);
        check(None, true, false);
        check(Some("https://yima.example"), true, false);
        check(Some("http://yima.example:8443"), true, false);
        check(Some("https://evil.example"), false, false);
        check(Some("null"), true, false);
        let two = HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static("https://b"))]);
        assert!(is_same_origin(&two, &Uri::from_static("https://b/v1/me")), "the host of HTTP/2");
    }
}
