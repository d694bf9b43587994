//! Any text as the condition of a rule, in a pack that is otherwise right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use yima_fuzz::judge_or_show;

const PACK: &str = include_str!("../../packs/state-council-2022-06-28.toml");
const CONDITION: &str = r#"when = "case(confirmed, clinical, suspected, asymptomatic)""#;

fuzz_target!(|condition: &str| {
    let quoted = format!("when = {}", toml_string(condition));
    let pack = PACK.replacen(CONDITION, &quoted, 1);
    assert_ne!(pack, PACK.replacen(CONDITION, "", 1), "the condition has its place in the pack");
    judge_or_show(&pack);
});

/// The text as a basic string of TOML.
fn toml_string(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}
