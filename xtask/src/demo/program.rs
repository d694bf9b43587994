//! The program as it is built, pages and all, and how it is called.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use crate::{prerequisites, workspace};

pub(super) struct Program {
    pub(super) path: PathBuf,
    /// Why the pages are not built in, if they are not.
    pub(super) without_pages: Option<String>,
}

impl Program {
    /// Builds the pages where Node is there, and the program; what tools say goes to standard error.
    pub(super) fn build() -> anyhow::Result<Self> {
        let missing = prerequisites::missing_to_build();
        let web = workspace::root().join("web");
        if missing.is_empty() {
            build_pages(&web)?;
        }
        let has_pages = web.join("dist/index.html").is_file();
        let output = workspace::cargo()
            .args(["build", "--package", "yima", "--message-format", "json-render-diagnostics"])
            .stderr(Stdio::inherit())
            .output()
            .context("cargo does not start")?;
        ensure!(output.status.success(), "the program does not build, see above");
        let messages = String::from_utf8_lossy(&output.stdout);
        let path = messages.lines().find_map(executable).context("cargo names no program")?;
        Ok(Self { path, without_pages: (!has_pages).then(|| missing.join("; ")) })
    }

    /// The folder of everything that is built.
    pub(super) fn target(&self) -> anyhow::Result<&Path> {
        self.path.ancestors().nth(2).context("the program lies in no target folder")
    }

    /// Calls the program, and gives what it prints on standard output.
    pub(super) fn call(&self, arguments: &[&str]) -> anyhow::Result<String> {
        self.call_with(arguments, "")
    }

    /// Calls the program with a text on standard input, and gives what it prints on standard output.
    pub(super) fn call_with(&self, arguments: &[&str], input: &str) -> anyhow::Result<String> {
        let (code, output) = self.run(arguments, input)?;
        match code {
            0 => Ok(output),
            code => bail!("`yima {}` ends with {code}, see above", arguments.join(" ")),
        }
    }

    /// Calls the program, and gives the code with which it ends and what it prints on standard output.
    pub(super) fn run(&self, arguments: &[&str], input: &str) -> anyhow::Result<(i32, String)> {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("`yima {}` does not start", arguments.join(" ")))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let code = output.status.code().context("the program was killed")?;
        Ok((code, String::from_utf8_lossy(&output.stdout).trim().to_owned()))
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments).current_dir(workspace::root());
        command
    }
}

/// Builds the pages anew if anything that they are made of is newer.
fn build_pages(web: &Path) -> anyhow::Result<()> {
    let installed = modified(&web.join("node_modules/.package-lock.json"));
    if installed < modified(&web.join("package-lock.json")) {
        npm(web, &["ci"])?;
    }
    let built = modified(&web.join("dist/index.html"));
    if built.is_none() || newest(web)? > built {
        npm(web, &["run", "build"])?;
    }
    Ok(())
}

fn npm(web: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    // Standard output is for what the demo says.
    let output = Command::new("npm").args(arguments).current_dir(web).output().context("npm does not start")?;
    if !output.status.success() {
        std::io::stderr().write_all(&output.stdout)?;
        std::io::stderr().write_all(&output.stderr)?;
        bail!("`npm {}` failed in `web`, see above", arguments.join(" "));
    }
    Ok(())
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

/// When the newest file of a folder was changed, but for what tools put there.
fn newest(folder: &Path) -> anyhow::Result<Option<SystemTime>> {
    let mut newest = None;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let of_tools = path.file_name().is_some_and(|name| name == "node_modules" || name == "dist");
        if path.is_dir() && !of_tools {
            newest = newest.max(self::newest(&path)?);
        } else if path.is_file() {
            newest = newest.max(modified(&path));
        }
    }
    Ok(newest)
}

/// The program that a message of cargo names.
fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    message.get("executable").and_then(Value::as_str).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::executable;

    #[test]
    fn the_program_is_found_in_the_messages_of_cargo() {
        for (message, path) in [
            (r#"{"reason":"compiler-artifact","executable":"/target/debug/yima"}"#, Some("/target/debug/yima")),
            (r#"{"reason":"compiler-artifact","executable":null}"#, None),
            (r#"{"reason":"build-finished","success":true}"#, None),
            ("no JSON", None),
        ] {
            assert_eq!(executable(message).as_deref(), path.map(std::path::Path::new), "{message}");
        }
    }
}
