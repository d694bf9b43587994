//! What commands write: the streams of the process, whose faults are told apart from those of what was given.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};

/// A stream does not take what is written.
#[derive(Debug)]
struct Unwritten(io::Error);

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write the answer: {}", self.0)
    }
}

impl Error for Unwritten {}

/// Whether what was written to [`stdout`] or [`stderr`] was not taken.
pub(crate) fn is_unwritten(error: &anyhow::Error) -> bool {
    let held = |cause: &io::Error| cause.get_ref().is_some_and(|cause| cause.is::<Unwritten>());
    error.chain().filter_map(|cause| cause.downcast_ref()).any(held)
}

/// Standard output.
pub(crate) fn stdout() -> Output<io::Stdout> {
    Output(io::stdout())
}

/// Standard error.
pub(crate) fn stderr() -> Output<io::Stderr> {
    Output(io::stderr())
}

/// A stream of the process.
#[derive(Debug)]
pub(crate) struct Output<W>(W);

impl<W: Write> Write for Output<W> {
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
