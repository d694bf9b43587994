//! `cargo xtask demo`: builds everything, fills a node with invented residents, and runs it; with `--check`, walks through
//! the main job by itself.

mod client;
mod levels;
mod node;
mod packs;
mod program;
mod recognition;
mod resident;
mod walk;

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::{Context, bail};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

use self::node::{Node, ROLES, Setup, own_address};
use self::program::Program;
use self::walk::{Walk, shown_resident};

#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Options {
    /// Walks through the main job on a free port, prints one JSON line of what was seen, and exits with 0 or 1.
    #[arg(long)]
    check: bool,
    /// The port.
    #[arg(long, default_value_t = 8443, conflicts_with = "check")]
    port: u16,
    /// Listens to the whole network, so that a phone can take part.
    #[arg(long, conflicts_with = "check")]
    lan: bool,
}

pub(crate) fn run(options: Options) -> anyhow::Result<ExitCode> {
    if options.check {
        return Ok(if check() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    show(options)?;
    Ok(ExitCode::SUCCESS)
}

/// Takes every step, prints one JSON line of what was seen, and says whether all was as it must be.
pub(crate) fn check() -> bool {
    let mut seen = Map::new();
    let end = walk(&mut seen);
    seen.insert("ok".to_owned(), end.is_ok().into());
    if let Err(error) = &end {
        seen.insert("error".to_owned(), format!("{error:#}").into());
    }
    println!("{}", Value::Object(seen));
    end.is_ok()
}

fn walk(seen: &mut Map<String, Value>) -> anyhow::Result<()> {
    let program = Program::build()?;
    seen.insert("version".to_owned(), program.call(&["--version"])?.into());
    let above = program.target()?.join("demo");
    fs::create_dir_all(&above)?;
    let folder = tempfile::Builder::new().prefix("check-").tempdir_in(&above)?;
    let runtime = runtime()?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let node = Setup { program: &program, folder: folder.path(), listen, prints_messages: false }.start()?;
    Walk::new(&program, &node, runtime.handle())?.take(seen)?;
    node.stop().context("step `stopped`")?;
    seen.insert("stopped".to_owned(), true.into());
    Ok(())
}

/// Runs a node for somebody who watches, until Ctrl-C.
fn show(options: Options) -> anyhow::Result<()> {
    let address = if options.lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
    let listen = SocketAddr::from((address, options.port));
    // Whoever holds the port may be an earlier demo, whose folder must stay as it is.
    let held = reserve(listen)?;
    println!("building the pages and the program");
    let program = Program::build()?;
    let folder = program.target()?.join(format!("demo/{}", options.port));
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty `{}`", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    println!("making keys, accounts and residents in {}", folder.display());
    let runtime = runtime()?;
    drop(held);
    let node = Setup { program: &program, folder: &folder, listen, prints_messages: true }.start()?;
    node.name_areas(runtime.handle())?;
    let qr = shown_resident(&node, runtime.handle())?;
    println!("\n{qr}\n");
    introduce(&program, &node, options.lan);
    node.wait(runtime.handle())?;
    println!("the node has stopped; the next demo begins anew");
    Ok(())
}

/// Says where everything is, and what can be tried.
fn introduce(program: &Program, node: &Node, lan: bool) {
    let address = if lan { own_address() } else { None };
    let host = address.as_ref().map_or_else(|| "localhost".to_owned(), IpAddr::to_string);
    let url = format!("https://{host}:{}", node.port);
    let filled = &node.filled;
    println!("Above: the live code of a resident who registered a moment ago; a picture of it dies within a minute.\n");
    println!("  resident page      {url}/");
    println!("  checkpoint page    {url}/checkpoint/");
    println!("  API description    {url}/v1/openapi.json");
    if let Some(missing) = &program.without_pages {
        println!("\nThe pages are not built in: {missing}. The API is all there.");
    }
    println!("\nThe certificate is self-signed, so the browser warns once.");
    println!("\nIn force are both packs of 2020 with the same rules and new dates, as if published thirty days ago.");
    println!(
        "There are {} invented residents with {} facts, and {}.",
        filled.persons, filled.facts, filled.levels.says
    );
    println!(
        "Sign in as any of them by e-mail; the one-time code is printed here. For each rule, one for whom it holds:"
    );
    for (rule, email) in &filled.residents {
        println!("  {rule:<6} {email}");
    }
    println!("\nStaff sign in with POST {url}/v1/staff/sessions, password {}, as", node.password);
    println!("  {}", ROLES.join(", "));
    println!("\nTry:");
    println!(
        "  apply on the resident page with your own e-mail or phone number; you are compared and green in seconds"
    );
    println!("  scan your code with the checkpoint page, then switch the network off and scan again");
    println!(
        "  check in with a cough: the code turns with its reason, and the checkpoint stops; amend it, and it is green"
    );
    println!("  {} pack explain packs/shaanxi-2020-12.toml --language zh-CN", program.path.display());
    if !lan {
        println!("  with a phone: stop this, run `cargo xtask demo --lan`, and open the pages there");
    }
    println!("\nCtrl-C stops the node.");
}

/// Holds the port until the node takes it.
fn reserve(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    let port = listen.port();
    match TcpListener::bind(listen) {
        Ok(held) => Ok(held),
        Err(error) => bail!(
            "port {port} cannot be used ({error}): stop the demo or the other program that uses it, or choose another \
             port, as in `cargo xtask demo --port {}`",
            port.checked_add(1000).unwrap_or(8443)
        ),
    }
}

fn runtime() -> anyhow::Result<Runtime> {
    let builder = || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    builder().context("no runtime could be started")
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use super::reserve;

    #[test]
    fn a_port_in_use_is_refused_with_what_to_do() {
        let held = reserve(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let error = reserve(held.local_addr().unwrap()).unwrap_err().to_string();
        assert!(error.contains("--port"), "{error}");
    }
}
