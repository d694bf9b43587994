//! Logs: one JSON object on a line of standard error, without names, numbers, addresses or bodies.

use tracing::level_filters::LevelFilter;

/// Writes the events of this process from now on; called once, by the program.
pub fn start(detail: LevelFilter) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_max_level(detail)
        .with_writer(std::io::stderr)
        .init();
}
