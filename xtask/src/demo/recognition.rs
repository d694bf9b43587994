//! Another province's system tries the node by the committed cases of recognition, as docs/GBT.md says.

use anyhow::ensure;
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;

use super::node::Node;
use super::program::Program;
use super::resident::{document, register_at_desk, wait_for_colour};

/// The people of the cases beside the green one; nobody who lives was born in 1890.
const OTHERS: [(&str, &str, &str); 4] = [
    ("yellow", "李强", "610103189005030031"),
    ("contesting", "赵敏", "610103189005040045"),
    ("red", "陈静", "610103189005050059"),
    ("nobody", "周杰", "610103189005060062"),
];

/// Whom the cases need who is not what they are for long: uncompared, lapsed, or with a code that counts no more.
const FLEETING: [&str; 4] = ["pending", "lapsed", "visitor", "code expired"];

/// Runs `yima conform` against the node; every case passes but those of somebody who is not there.
pub(super) fn conform(program: &Program, node: &Node, runtime: &Handle, green: (&str, &str)) -> anyhow::Result<Value> {
    let mut persons = Map::new();
    persons.insert("green".to_owned(), person(green.0, green.1));
    for (is, name, number) in OTHERS {
        persons.insert(is.to_owned(), person(name, number));
        if is != "nobody" {
            let mut resident = register_at_desk(node, runtime, name, number)?;
            wait_for_colour(&mut resident, "/v1/me", "green")?;
            // By the own word a cough makes red, by a desk's it makes yellow, which can be contested.
            let coughs = json!({"symptoms": ["cough"], "document": document(number)});
            match is {
                "red" => resident.post("/v1/me/check-ins", &json!({"symptoms": ["cough"]}))?,
                _ => node.staff(runtime, "desk")?.post("/v1/desk/check-ins", &coughs)?,
            };
            wait_for_colour(&mut resident, "/v1/me", if is == "red" { "red" } else { "yellow" })?;
        }
    }
    let path = |name: &str| node.folder.join(name).display().to_string();
    let (subjects, headers, roots) = (path("subjects.json"), path("headers.txt"), path("data/self-signed.pem"));
    std::fs::write(&subjects, json!({"persons": persons, "codes": {}}).to_string())?;
    let system = node.staff(runtime, "province")?;
    let url = format!("https://{}/v1/gbt", system.host());
    std::fs::write(&headers, format!("cookie: {}\norigin: https://{}\n", system.cookie(), system.host()))?;
    let demanded = ["conform", "--url", &url, "--subjects", &subjects, "--roots", &roots];

    let (code, said) = program.run(&[&demanded[..], &["--headers", &headers]].concat(), "")?;
    let passed = said.lines().filter(|line| line.starts_with("passed ")).count();
    let untried: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("not run ")).collect();
    let is_fleeting = |line: &&str| FLEETING.iter().any(|who| line.ends_with(&format!("no {who}")));
    ensure!(code == 1 && !said.contains("FAILED") && untried.iter().all(is_fleeting), "`yima conform` says\n{said}");
    ensure!(passed > 0 && said.ends_with(&format!("{passed} of {} cases passed", passed + untried.len())), "{said}");

    // The same by a system that the node does not know.
    let (code, said) = program.run(&[&demanded[..], &["--only", "green-passes"]].concat(), "")?;
    ensure!(code == 1 && said.contains("FAILED   green-passes"), "a stranger is told\n{said}");
    Ok(json!({"passed": passed, "without_subject": untried.len(), "stranger": "refused"}))
}

fn person(name: &str, number: &str) -> Value {
    json!({"name": name, "cid_type": "10", "cid": number})
}
