//! `yima serve`: runs a node until it is told to stop.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use tracing::level_filters::LevelFilter;
use yima_node::{Clock, Config, Node, logs};

/// Runs a node: the API, the pages, and what must be done in time.
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    /// The configuration; docs/yima.toml is a sample
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// How much is logged: off, error, warn, info, debug, trace
    #[arg(long, default_value = "info")]
    log: LevelFilter,
    /// Stop when standard input ends too, so that the node never outlives the program that started it
    #[arg(long)]
    attached: bool,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let config = Config::read(&self.config)?;
        logs::start(self.log);
        let runtime = tokio::runtime::Runtime::new().context("no runtime could be started")?;
        runtime.block_on(serve(config, self.attached))?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn serve(config: Config, attached: bool) -> Result<()> {
    let node = Node::start(config, Clock::system()).await?;
    // One line that a program which started this one can wait for.
    writeln!(crate::output::stdout(), "https://{}", node.https())?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
        () = input_ends(), if attached => {}
    }
    node.stop().await;
    Ok(())
}

/// Returns when standard input has ended; a thread of its own waits, since nothing can call the wait off.
async fn input_ends() {
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        // The node may have stopped for another reason already.
        _ = ended.send(());
    });
    _ = end.await;
}
