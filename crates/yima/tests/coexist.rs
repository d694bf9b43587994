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

    /// The packs of docs/COEXISTENCE.md, in the order of its command.
    const OF_THE_PAGE: [&str; 5] = [
        "packs/hubei-2020-02.toml",
        "packs/zhejiang-2020-06.toml",
        "packs/shaanxi-2020-12.toml",
        "packs/guangdong-2022-04.toml",
        "packs/shanghai-2022-04.toml",
    ];
    const NATIONAL_OF_THE_PAGE: [&str; 5] = [
        "packs/state-council-2021-05.toml",
        "packs/state-council-2022-06-28.toml",
        "packs/state-council-2022-09-26.toml",
        "packs/state-council-2022-11-11.toml",
        "packs/state-council-2022-12-07.toml",
    ];

    fn document(name: &str) -> String {
        std::fs::read_to_string(format!("{}/../../docs/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    /// A line of the page's table: what judges, and how many people have more than one colour on a day.
    fn row(judged_by: &str, line: &Value) -> String {
        let cell = |class: &str| {
            let days: Vec<_> =
                line["days"].as_array().unwrap().iter().map(|day| day[class].as_u64().unwrap()).collect();
            let (least, most, all) = (days.iter().min().unwrap(), days.iter().max().unwrap(), days.iter().sum::<u64>());
            let count = u64::try_from(days.len()).unwrap();
            if all == 0 {
                "0".to_owned()
            } else {
                format!("{least} to {most}, on average {}", (all + count / 2) / count)
            }
        };
        format!("| {judged_by} | {} | {} |", cell("health"), cell("paperwork"))
    }

    #[test]
    fn the_page_and_its_drawing_state_what_the_command_gives() {
        let folder = tempfile::tempdir().unwrap();
        let national: Vec<_> = NATIONAL_OF_THE_PAGE.iter().flat_map(|pack| ["--national", pack]).collect();
        let to = ["--persons", "1000", "--seed", "1", "--json", "--out", folder.path().to_str().unwrap()];
        let run = |arguments: &[&str]| -> Value {
            let output = coexist(arguments);
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).unwrap()
        };
        let two = run(&[&OF_THE_PAGE[3..], &to].concat());
        let all = run(&[&OF_THE_PAGE[..], &national, &to].concat());
        let page = document("COEXISTENCE.md");
        let lines = all["lines"].as_array().unwrap();
        assert_eq!(lines.len(), 1 + NATIONAL_OF_THE_PAGE.len());
        let mut rows = vec![row("the five packs", &lines[0]), row("Guangdong and Shanghai", &two["lines"][0])];
        rows.extend(lines[1..].iter().map(|line| row("any one of the five national packs", line)));
        rows.push(format!("caused by {} pairs of rules", lines[0]["pairs"].as_array().unwrap().len()));
        for row in rows {
            assert!(page.contains(&row), "the page does not say: {row}");
        }
        let drawn = std::fs::read_to_string(folder.path().join("coexistence.svg")).unwrap();
        assert_eq!(drawn, document("coexistence-1000.svg"), "draw it again with the command of the page");
        for name in OF_THE_PAGE.iter().chain(&NATIONAL_OF_THE_PAGE) {
            assert!(page.contains(name), "the command of the page leaves out {name}");
        }
    }

    /// The figures of ten thousand people take too long for a test; their table and their drawing must at least agree.
    #[test]
    fn the_large_table_says_what_the_large_drawing_shows() {
        let (page, drawn) = (document("COEXISTENCE.md"), document("coexistence.svg"));
        let (top, bottom) = (120_u64, 410);
        let heights = |curve: &str| -> Vec<u64> {
            let points = curve.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
            points.split(' ').map(|point| point.split_once(',').unwrap().1.parse().unwrap()).collect()
        };
        let curves: Vec<_> = drawn.lines().filter(|line| line.starts_with("<polyline ")).map(heights).collect();
        let labels = drawn.lines().filter(|line| line.contains("text-anchor=\"end\""));
        let greatest = labels.filter_map(|line| line.split(['>', '<']).nth(2)?.parse::<u64>().ok()).max().unwrap();
        let height = |value: u64| bottom - value * (bottom - top) / greatest;
        let stated = page.lines().find(|line| line.starts_with("| the five packs, each in its province |")).unwrap();
        let numbers = |cell: &str| -> Vec<u64> {
            cell.split(|character: char| !character.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
        };
        for (cell, curve) in stated.split('|').skip(2).zip(&curves[..2]) {
            let [least, most, ..] = numbers(cell)[..] else { panic!("{cell}") };
            assert_eq!(curve.len(), 60);
            assert!(curve.iter().max().unwrap().abs_diff(height(least)) <= 1, "{cell}: the least");
            assert!(curve.iter().min().unwrap().abs_diff(height(most)) <= 1, "{cell}: the most");
        }
        assert_eq!(curves.len(), 3);
        assert!(curves[2].iter().all(|height| *height == bottom), "nobody under a national pack");
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
