//! What commands write: standard output, whose faults are told apart from those of what was given.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};

/// Standard output does not take what is written.
#[derive(Debug)]
struct Unwritten(io::Error);

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write to standard output: {}", self.0)
    }
}

impl Error for Unwritten {}

/// Whether standard output did not take what was written to [`stdout`].
pub(crate) fn is_unwritten(error: &anyhow::Error) -> bool {
    let held = |cause: &io::Error| cause.get_ref().is_some_and(|cause| cause.is::<Unwritten>());
    error.chain().filter_map(|cause| cause.downcast_ref()).any(held)
}

/// Standard output.
pub(crate) fn stdout() -> Output {
    Output(io::stdout())
}

/// The writer of [`stdout`].
#[derive(Debug)]
pub(crate) struct Output(io::Stdout);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(told)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(told)
    }
}

/// What was interrupted keeps its kind, and is tried again.
fn told(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), Unwritten(error))
}
