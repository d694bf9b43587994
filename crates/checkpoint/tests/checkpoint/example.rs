//! The gate of the examples, run over a folder of lists as an operator leaves it there.

use std::fs;
use std::path::Path;

use crate::issuer::{DAY, Issuer, MINUTE, T, at};

#[path = "../../examples/gate.rs"]
#[expect(dead_code, reason = "the test calls what `main` calls")]
mod gate;

#[test]
fn the_example_is_a_whole_gate() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gate");
    fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).unwrap();
    let issuer = Issuer::new();
    fs::remove_file(folder.join("memory.txt")).unwrap_or_default();
    write("roots.txt", issuer.roots().to_string().as_bytes());
    write("status-1.cbor", &issuer.status(0, 1, T, &[7]));
    write("trust.cbor", &issuer.trust(2, T, [false, true, false, false, false, false]).sign(&issuer.root).unwrap());
    let run_built = |built: i64, scans: &[(i64, String)]| {
        let lines: String = scans.iter().map(|(now, text)| format!("{} {text}\n", at(*now))).collect();
        let mut answers = Vec::new();
        gate::gate(&folder, at(built), lines.as_bytes(), &mut answers).unwrap();
        String::from_utf8(answers).unwrap().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>()
    };
    let run = |scans: &[(i64, String)]| run_built(T - 30 * DAY, scans);
    let live = issuer.live_code(0, T, 1);
    let answers = run(&[
        (T + 10, live.clone()),
        (T + 12, live.clone()),
        (T + 20, live.clone()),
        (T + 30, issuer.live_code(1, T + 30, 2)),
        (T + 40, issuer.paper_code(0, T, 7)),
        (T + MINUTE + 11, live),
        (T + MINUTE + 12, "https://example.invalid".to_owned()),
        (T + 40 * DAY, issuer.live_code(0, T + 40 * DAY, 3)),
    ]);
    let expected = [
        "pass",
        "pass",
        "stop replayed",
        "stop key_revoked",
        "lane paper_not_accepted",
        "stop presentation_too_old",
        "stop not_ours",
        "cannot-tell trust_list_too_old",
    ];
    assert_eq!(answers, expected);

    // A clock that was turned back behind the build brings nothing to life that is over since.
    let turned_back = run_built(T + 40 * DAY, &[(T + 10, issuer.live_code(0, T, 4))]);
    assert_eq!(turned_back, ["cannot-tell trust_list_too_old"]);

    write("trust.cbor", &issuer.trust(1, T, [false; 6]).sign(&issuer.root).unwrap());
    let rolled_back = run(&[(T + 30, issuer.live_code(1, T + 30, 2))]);
    assert_eq!(rolled_back, ["cannot-tell trust_list_too_old"], "the memory outlives the list");
}
