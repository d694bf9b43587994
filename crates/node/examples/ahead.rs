//! Serves a node whose clock is ahead, for tests of what time brings: `cargo run -p yima-node --example ahead -- CONFIG HOURS`.
//!
//! It prints its address and ends when its standard input does.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;

use yima_node::{Clock, Config, Node};

const HOUR_MILLIS: i64 = 3_600_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(config), Some(hours)) = (arguments.next(), arguments.next()) else {
        return Err("name the configuration and how many hours the clock is ahead".into());
    };
    let (system, ahead) = (Clock::system(), hours.parse::<i64>()?.saturating_mul(HOUR_MILLIS));
    let clock = Clock::of(move || system.now().plus_millis(ahead));
    let node = Node::start(Config::read(Path::new(&config))?, clock).await?;
    writeln!(io::stdout(), "https://{}", node.https())?;
    tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())).await??;
    node.stop().await;
    Ok(())
}
