//! `yima admin`: what an operator does beside a node that does not run.

use std::io::{BufRead as _, IsTerminal as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow, ensure};
use yima_model::{AreaCode, Personal};
use yima_node::staff::{NewAccount, PASSWORD_CHARACTERS_MIN, Role};
use yima_node::{Clock, Config, create_account};

/// Opens staff accounts.
#[derive(Debug, clap::Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Open an account, above all the first one; the password is read from standard input
    Create(Create),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// The configuration of the node, which must not run
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The name to sign in with, which stands in facts as their source: the institution, a full stop, who or which desk
    /// there, such as `xian-cdc.li`; one of the role admin needs no institution
    #[arg(long)]
    account: String,
    /// admin, desk, operator, checkpoint, card-reader, community, laboratory, hospital, disease-control, carrier, register, civil-register, headquarters
    #[arg(long, default_value = "admin", value_parser = role)]
    role: Role,
    /// Where the account may act; may be repeated, and is the whole country if left out
    #[arg(long = "area", value_name = "CODE", value_parser = AreaCode::parse)]
    areas: Vec<AreaCode>,
}

impl Command {
    pub(crate) fn run(self) -> Result<ExitCode> {
        match self.action {
            Action::Create(create) => create.run(),
        }
    }
}

impl Create {
    fn run(self) -> Result<ExitCode> {
        let config = Config::read(&self.config)?;
        let mut password = String::new();
        if std::io::stdin().is_terminal() {
            write!(crate::output::stderr(), "password, at least {PASSWORD_CHARACTERS_MIN} characters: ")?;
        }
        std::io::stdin().lock().read_line(&mut password)?;
        let password = password.trim_end_matches(['\r', '\n']).to_owned();
        ensure!(!password.is_empty(), "no password came in; type it, or pipe it in");
        let Self { account, role, areas, .. } = self;
        let new = NewAccount { account, role, areas, password: Personal::new(password) };
        create_account(&config, &Clock::system(), &new)?;
        writeln!(crate::output::stdout(), "opened {} as {}", new.account, new.role.word())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn role(word: &str) -> Result<Role> {
    let words: Vec<_> = Role::ALL.iter().map(|role| role.word()).collect();
    Role::from_word(word).ok_or_else(|| anyhow!("write one of {}", words.join(", ")))
}
