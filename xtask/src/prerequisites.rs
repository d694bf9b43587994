//! What must be installed, and how to get it.
//!
//! Rust is not among the checks: cargo refuses to build this program with a Rust that is too old, and names the version
//! that it wants.

use std::ffi::OsStr;
use std::process::Command;

use crate::workspace;

/// The oldest major version of Node that builds and tests the pages.
const NODE_MAJOR_MIN: u32 = 20;

/// What is missing to build everything, one sentence each.
pub(crate) fn missing_to_build() -> Vec<String> {
    if !workspace::has_web() {
        return Vec::new();
    }
    let node = version("node", &["--version"]);
    let npm = version("npm", &["--version"]);
    node_refusal(node.as_deref()).into_iter().chain(npm.is_none().then(|| NPM_MISSING.to_owned())).collect()
}

/// What is missing to run everything that is tested, one sentence each.
pub(crate) fn missing_to_test() -> Vec<String> {
    let mut missing = missing_to_build();
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if version("cargo", &[tool, "--version"]).is_none() {
            missing.push(format!("{component} is missing: run `rustup component add {component}`"));
        }
    }
    if workspace::has_web() && version(workspace::chromium(), &["--version"]).is_none() {
        missing.push(CHROMIUM_MISSING.to_owned());
    }
    if workspace::has_web() && version("pdftoppm", &["-v"]).is_none() {
        missing.push(POPPLER_MISSING.to_owned());
    }
    if workspace::is_ci() && workspace::shared().is_none() {
        missing.push("the folder `../shared` is missing: CI reads it, so put it beside the project".to_owned());
    }
    missing
}

const NPM_MISSING: &str = "npm is missing: it comes with Node from https://nodejs.org, on Debian `apt-get install npm`";

const CHROMIUM_MISSING: &str = "Chromium is missing, in which the pages are tested: on Debian `apt-get install chromium \
    fonts-noto-cjk`, elsewhere name it in the environment variable `CHROMIUM`";

const POPPLER_MISSING: &str = "pdftoppm is missing, which draws what the pages print: on Debian `apt-get install \
    poppler-utils`, elsewhere get poppler from https://poppler.freedesktop.org";

/// Why a Node that answers so to `--version` is refused; `None` stands for no answer.
fn node_refusal(version: Option<&str>) -> Option<String> {
    let how = format!("get Node {NODE_MAJOR_MIN} or newer from https://nodejs.org");
    let Some(version) = version else {
        return Some(format!("Node is missing: {how}"));
    };
    let major = version.trim().strip_prefix('v').and_then(|version| version.split('.').next()?.parse::<u32>().ok());
    let is_enough = major.is_some_and(|major| major >= NODE_MAJOR_MIN);
    (!is_enough).then(|| format!("Node is too old (`{}`): {how}", version.trim()))
}

/// What a tool says of its version, where it is there.
fn version(tool: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(tool).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::node_refusal;

    #[test]
    fn node_is_new_enough_or_refused_with_the_way_to_get_it() {
        for (version, is_refused) in [
            (Some("v20.0.0\n"), false),
            (Some("v22.11.0"), false),
            (Some("v18.20.4"), true),
            (Some("v2.0.0"), true),
            (Some("twenty"), true),
            (Some(""), true),
            (None, true),
        ] {
            let refusal = node_refusal(version);
            assert_eq!(refusal.is_some(), is_refused, "{version:?}");
            assert!(refusal.is_none_or(|text| text.contains("https://nodejs.org")), "{version:?}");
        }
    }
}
