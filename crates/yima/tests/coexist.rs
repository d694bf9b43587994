//! `yima pack coexist`, run as a user runs it.

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::{Command, Output};

    use serde_json::Value;

    const PLACES: [&str; 3] =
        ["packs/guangdong-2022-04.toml", "packs/shanghai-2022-04.toml", "packs/hubei-2020-02.toml"];
    const NATIONAL: [&str; 2] = ["packs/state-council-2021-05.toml", "packs/state-council-2022-11-11.toml"];

    fn coexist(arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_yima"))
            .args(["pack", "coexist"])
            .args(arguments)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .output()
            .unwrap()
    }

    fn report(more: &[&str]) -> Value {
        let national = ["--national", NATIONAL[0], "--national", NATIONAL[1], "--persons", "150", "--json"];
        let output = coexist(&[&PLACES[..], &national, more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn sum(line: &Value, class: &str) -> u64 {
        line["days"].as_array().unwrap().iter().map(|day| day[class].as_u64().unwrap()).sum()
    }

    #[test]
    fn packs_side_by_side_give_some_people_two_colours_and_a_national_one_nobody() {
        let report = report(&[]);
        let [apart, unified @ ..] = report["lines"].as_array().unwrap().as_slice() else { panic!("{report}") };
        assert!(sum(apart, "health") > 0 && sum(apart, "paperwork") > 0, "{apart}");
        assert_eq!(apart["days"].as_array().unwrap().len(), 60);
        assert_eq!(apart["days"][0]["date"], "2022-04-26", "the latest beginning");
        let pair = &apart["pairs"][0];
        assert!(pair["persons"].as_u64() <= pair["person_days"].as_u64() && pair["worse"] != pair["milder"], "{pair}");
        assert_eq!(unified.len(), NATIONAL.len());
        for line in unified {
            assert_eq!((sum(line, "health"), sum(line, "paperwork")), (0, 0), "{line}");
            assert_eq!(line["pairs"], serde_json::json!([]));
        }
    }

    #[test]
    fn a_seed_gives_the_same_report_again_and_another_one_another() {
        assert_eq!(report(&["--seed", "7"]), report(&["--seed", "7"]));
        assert_ne!(report(&["--seed", "7"])["lines"], report(&["--seed", "8"])["lines"]);
    }

    #[test]
    fn tables_and_drawing_are_written_into_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let output = coexist(&[&PLACES[..2], &["--persons", "60", "--out", folder.path().to_str().unwrap()]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let read = |name: &str| std::fs::read_to_string(Path::new(folder.path()).join(name)).unwrap();
        assert_eq!(read("days.csv").lines().count(), 1 + 60);
        assert!(read("pairs.csv").starts_with("packs,worse_pack,worse_colour,worse_rule,"));
        let drawn = read("coexistence.svg");
        assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>\n") && drawn.contains("<polyline "), "{drawn}");
        let written: Value = serde_json::from_str(&read("coexistence.json")).unwrap();
        assert_eq!(written["persons"], 60);
    }

    #[test]
    fn what_cannot_be_compared_is_refused() {
        let check = |arguments: &[&str], said: &str| {
            let output = coexist(arguments);
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(64), "{text}");
            assert!(text.contains(said), "{text}");
        };
        check(&PLACES[..1], "2 values required");
        check(&[PLACES[0], PLACES[1], "--national", PLACES[2]], "states a ceiling");
        check(&[PLACES[0], PLACES[1], "--until", "2022-01-01T00:00:00+08:00"], "`--until` must lie after `--from`");
        check(&[PLACES[0], "packs/none.toml"], "packs/none.toml");
    }
}
