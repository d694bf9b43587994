//! Answers about a person have one length: who watches the line cannot tell red from green by it.

use axum::body::{Body, to_bytes};
use axum::extract::MatchedPath;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Answers are as long as a multiple of this; a verdict with several grounds, or eight codes, fit into one.
const STEP: usize = 16 * 1024;

/// Whether what a route answers follows from somebody's facts.
pub(super) fn is_about_a_person(route: &MatchedPath) -> bool {
    ["/v1/me", "/v1/dependents", "/v1/gbt"].iter().any(|start| route.as_str().starts_with(start))
}

/// Fills a JSON body up with blanks at its end, where JSON allows them.
pub(super) async fn pad(response: Response) -> Response {
    let is_json = |kind: &HeaderValue| kind.to_str().is_ok_and(|kind| kind.contains("json"));
    if !response.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => {
            let mut bytes = bytes.to_vec();
            bytes.resize(bytes.len().next_multiple_of(STEP), b' ');
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(bytes))
        }
        Err(error) => Problem::internal(&error).into_response(),
    }
}
