//! CertLogic: the published rules of countries over their tests.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, anyhow, ensure};
use serde_json::{Value, json};
use yima_statement::certlogic::Expression;

use crate::{clock, files, json as read};

pub(crate) fn measure(shared: &Path) -> Result<()> {
    let folder = shared.join("dcc-business-rules");
    let mut tests = Vec::new();
    for path in files(&folder, "rule.json")? {
        let logic = Expression::parse(&read(&path)?["Logic"]).map_err(|issues| anyhow!("{issues:?}"))?;
        for test in files(&path.with_file_name("tests"), ".json")? {
            let test = read(&test)?;
            let data = json!({"payload": test["payload"], "external": test["external"]});
            tests.push((logic.clone(), data, test["expected"].clone()));
        }
    }
    let right = tests.iter().filter(|(logic, data, expected)| logic.evaluate(data).as_ref() == Ok(expected)).count();
    ensure!(right == tests.len(), "ours decides {right} of {} as expected", tests.len());
    let mut turn = tests.iter().cycle();
    let mut rule = || {
        let (logic, data, _) = turn.next().ok_or_else(|| anyhow!("there are tests"))?;
        black_box(logic.evaluate(black_box(data)).map_err(|error| anyhow!("{error}"))?);
        Ok(())
    };
    let [ours] = clock::rates([&mut rule])?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/certlogic.mjs");
    let run = Command::new("node").arg(script).arg(&folder).output();
    let peer: Option<Value> = run.ok().and_then(|run| serde_json::from_slice(&run.stdout).ok());
    let what = format!("rules of countries, over their {} tests", tests.len());
    match peer.as_ref().and_then(|peer| Some((peer, peer["rate"].as_f64()?))) {
        Some((peer, rate)) => {
            let name = format!("certlogic-js 1.2.2, {} as expected: {rate:.0} /s", peer["right"]);
            println!("| {what} | {ours:.0} /s | {name} | {:.2} |", ours / rate);
        }
        None => println!("| {what} | {ours:.0} /s | certlogic-js: absent (`npm ci` in `peers`) | |"),
    }
    Ok(())
}
