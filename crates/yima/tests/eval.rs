//! `yima eval` and `yima pack`, run as a user runs them.

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Output, Stdio};

    const PERSON: &str = "000000000000000000000000000000aa";
    const FACTS: &str = r#"
{"id":"00000000000000000000000000000001","person":"000000000000000000000000000000aa","kind":"registration","source":{"kind":"resident","id":"self"},"recorded":"2020-02-26T08:00:00+08:00","from":"2020-02-26T08:00:00+08:00"}
{"id":"00000000000000000000000000000002","person":"000000000000000000000000000000aa","kind":"declaration","source":{"kind":"resident","id":"self"},"recorded":"2020-02-26T08:00:00+08:00","at":"2020-02-26T08:00:00+08:00","symptoms":[],"contact":"no","on_duty":false}
{"id":"00000000000000000000000000000003","kind":"comparison","source":{"kind":"register","id":"police"},"recorded":"2020-02-26T09:00:00+08:00","at":"2020-02-26T09:00:00+08:00","list":"four-classes","as_of":"2020-02-26T09:00:00+08:00","matched":false}
{"id":"00000000000000000000000000000004","person":"000000000000000000000000000000aa","kind":"check-in","source":{"kind":"desk","id":"desk-1"},"recorded":"2020-03-02T09:00:00+08:00","at":"2020-02-28T08:00:00+08:00","symptoms":[]}
"#;

    fn yima(arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_yima"))
            .args(arguments)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that refuses its arguments reads no input.
        drop(stdin.write_all(input.as_bytes()));
        drop(stdin);
        child.wait_with_output().unwrap()
    }

    fn eval(arguments: &[&str], input: &str) -> Output {
        let all = [&["eval", "--pack", "packs/hubei-2020-02.toml", "--facts", "-"], arguments].concat();
        yima(&all, input)
    }

    fn json(output: &Output) -> Vec<serde_json::Value> {
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn one_object_for_each_person() {
        let answers = json(&eval(&["--at", "2020-03-02T10:00:00+08:00", "--json"], FACTS));
        let [answer] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!(answer["person"], PERSON);
        assert_eq!(answer["colour"], "yellow");
        assert_eq!(answer["grounds"][0]["rule"], "HB-3");
        assert_eq!(answer["grounds"][0]["from"], "2020-03-02T08:00:00+08:00");
        let facts = serde_json::json!(["00000000000000000000000000000002", "00000000000000000000000000000004"]);
        assert_eq!(answer["grounds"][0]["facts"], facts, "the report and the last check-in");
        assert_eq!(answer["next_change"], "2020-03-04T00:00:00+08:00");
        assert_eq!(answer["as_of"]["person_position"], 3);
        assert_eq!(answer["as_of"]["global_position"], 1);
        assert!(answer.get("timeline").is_none());
    }

    #[test]
    fn a_past_answer_is_given_as_it_was_known() {
        let at = "2020-03-01T08:00:00+08:00";
        let now = json(&eval(&["--at", at, "--json"], FACTS));
        let then = json(&eval(&["--at", at, "--known-at", at, "--json"], FACTS));
        assert_eq!((&now[0]["colour"], &then[0]["colour"]), (&"green".into(), &"yellow".into()));
    }

    #[test]
    fn an_outage_is_told_apart_from_absence() {
        let at = ["--at", "2020-03-02T10:00:00+08:00", "--as-of", "2020-03-01T08:00:00+08:00", "--json"];
        assert_eq!(json(&eval(&at, FACTS))[0]["colour"], "green");
    }

    #[test]
    fn the_timeline_goes_from_the_first_instant_of_the_pack_to_its_last() {
        let answers = json(&eval(&["--at", "2020-02-27T08:00:00+08:00", "--timeline", "--json"], FACTS));
        let steps = answers[0]["timeline"].as_array().unwrap();
        let colours: Vec<_> = steps.iter().map(|step| step["colour"].as_str().unwrap()).collect();
        assert_eq!(colours, ["grey", "green", "yellow", "yellow", "grey"]);
        assert_eq!(steps[0]["from"], "2020-02-25T00:00:00+08:00");
        assert_eq!(steps[4]["in_force"], false);
    }

    #[test]
    fn no_facts_are_no_answers() {
        assert!(json(&eval(&["--at", "2020-02-27T08:00:00+08:00", "--json"], "\n")).is_empty());
    }

    #[test]
    fn wrong_input_is_refused_with_everything_that_is_wrong() {
        let check = |output: Output, words: &[&str]| {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(64), "{text}");
            assert!(output.stdout.is_empty());
            for word in words {
                assert!(text.contains(word), "{word}: {text}");
            }
        };
        let at = ["--at", "2020-02-27T08:00:00+08:00", "--json"];
        check(eval(&at, "{}\n\nnonsense\n"), &["line 1:", "line 3:"]);
        check(eval(&["--at", "2020-02-27"], FACTS), &["--at", "with the offset"]);
        check(eval(&[&at[..], &["--set", "wide=maybe"]].concat(), FACTS), &["name=true"]);
        check(eval(&[&at[..], &["--set", "wide=true"]].concat(), FACTS), &["no setting `wide`"]);
        check(yima(&["eval", "--pack", "packs/none.toml", "--facts", "-", at[0], at[1]], FACTS), &["packs/none.toml"]);
        check(yima(&["eval"], ""), &["--pack"]);
    }

    #[test]
    fn pack_check_says_yes_or_underlines() {
        let good = yima(&["pack", "check", "packs/hubei-2020-02.toml", "packs/shaanxi-2020-12.toml"], "");
        assert_eq!(good.status.code(), Some(0));
        let source =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/hubei-2020-02.toml")).unwrap();
        let bad = yima(
            &["pack", "check", "-"],
            &source.replace("contact(close) within 14d or", "contct(close) within 14d or"),
        );
        let text = String::from_utf8_lossy(&bad.stdout).into_owned();
        assert_eq!(bad.status.code(), Some(2), "{text}");
        assert!(
            text.contains("unknown term `contct`")
                && text.contains("did you mean `contact`?")
                && text.contains("^^^^^^")
        );
    }

    #[test]
    fn pack_check_refuses_what_is_harsher_than_the_national_ceiling() {
        let check = |national: &str| {
            let national = format!("packs/{national}.toml");
            let done = yima(&["pack", "check", "--national", &national, "packs/hubei-2020-02.toml"], "");
            (done.status.code(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
        };
        let (code, text) = check("state-council-2022-11-11");
        assert!(code == Some(2) && text.contains("rule HB-6 is red, above the national ceiling"), "{text}");
        assert!(!text.contains("rule HB-3 is"), "yellow is not above yellow: {text}");
        assert_eq!(check("state-council-2021-05").0, Some(0));
        let (code, text) = check("shaanxi-2020-12");
        assert!(code != Some(0) && text.contains("no national pack"), "{text}");
    }

    #[test]
    fn pack_check_looks_between_the_packs_of_one_place() {
        let packs = ["packs/shanghai-2022-09.toml", "packs/hubei-2020-02.toml", "packs/shanghai-2022-04.toml"];
        let done = yima(&[&["pack", "check"], &packs[..]].concat(), "");
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert_eq!(done.status.code(), Some(0), "a gap is a warning: {text}");
        assert!(text.contains("warning[gap]: no pack is in force until `shanghai-2022-09` begins"), "{text}");
        assert!(text.contains("until = \"2022-07-25T00:00:00+08:00\"") && text.contains("^^^^^"), "{text}");
        assert!(text.contains("packs/shanghai-2022-04.toml: 10 rules") && text.contains("1 findings"), "{text}");
        assert_eq!(text.matches(" 0 findings").count(), 2, "{text}");
    }

    #[test]
    fn pack_scaffold_prints_what_the_checker_then_asks_to_be_written() {
        let dates = ["--published", "2020-05-24T00:00:00+08:00", "--from", "2020-05-25T00:00:00+08:00"];
        let scaffold = |more: &[&str]| yima(&[&["pack", "scaffold", "hubei-2020-05"], &dates[..], more].concat(), "");
        let text = |output: Output| {
            assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let blank = text(scaffold(&["--area", "42", "--area", "610102"]));
        assert!(
            blank.contains("areas = [\"42\", \"610102\"]") && blank.contains("until = \"2020-08-23T00:00:00+08:00\"")
        );
        assert!(text(scaffold(&["--ceiling", "yellow"])).contains("ceiling = \"yellow\""));
        let renewal = text(scaffold(&["--renews", "packs/hubei-2020-02.toml"]));
        assert!(
            renewal.contains("id = \"hubei-2020-05\"\nbecause = { zh-CN = \"\"") && renewal.contains("id = \"HB-3\"")
        );
        let checked = yima(&["pack", "check", "-"], &renewal);
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.code() == Some(2) && said.contains("the text is missing in zh-CN"), "{said}");
        assert_eq!(scaffold(&[]).status.code(), Some(64), "where it applies must be said");
        assert_eq!(scaffold(&["--area", "42", "--ceiling", "red"]).status.code(), Some(64));
        assert_eq!(scaffold(&["--area", "42", "--until", "2020-09-01T00:00:00+08:00"]).status.code(), Some(64));
    }

    #[test]
    fn pack_explain_speaks_chinese_and_english_unless_one_language_is_asked_for() {
        let explain = |more: &[&str]| {
            let output = yima(&[&["pack", "explain", "packs/shaanxi-2020-12.toml"], more].concat(), "");
            String::from_utf8(output.stdout).unwrap()
        };
        let both = explain(&[]);
        let rule = "SX-3A · 红码 red · risk · inside\n  14 天内有密切接触\n  a close contact within 14 days\n  « 高风险：14天内与确诊或疑似病例有密切接触 »\n";
        assert!(both.contains(rule), "{both}");
        assert!(both.contains("陕西省\n") && both.contains("黑龙江省 牡丹江市、四川省 成都市 郫都区"), "{both}");
        let english = explain(&["--language", "en"]);
        assert!(english.contains("SX-3A · red · risk · inside\n  a close contact within 14 days\n"), "{english}");
    }

    /// Twelve second contacts in Hubei and three in Shaanxi, all compared, and somebody who is only registered.
    fn second_contacts() -> String {
        let mut lines = Vec::new();
        let mut file = |person: u8, kind: &str, source: &str, rest: &str| {
            let id = lines.len() + 1;
            lines.push(format!(
                r#"{{"id":"{id:032x}","person":"{person:032x}","kind":"{kind}","source":{{"kind":"{source}","id":"s"}},"recorded":"2022-11-10T08:00:00+08:00",{rest}}}"#
            ));
        };
        let (since, at) = (r#""from":"2022-11-01T08:00:00+08:00""#, r#""at":"2022-11-10T08:00:00+08:00""#);
        file(99, "registration", "resident", since);
        for person in 1..=15 {
            let area = if person <= 12 { "420106" } else { "610102" };
            file(person, "registration", "resident", since);
            file(person, "dwelling", "resident", &format!(r#"{since},"area":"{area}","role":"home""#));
            let of = format!("{:032x}", 9999);
            file(person, "contact", "disease-control", &format!(r#"{at},"degree":"secondary","of":"{of}""#));
            let compared = r#""list":"cn-risk-register","as_of":"2022-11-10T08:00:00+08:00","matched":false"#;
            file(person, "comparison", "register", &format!("{at},{compared}"));
        }
        lines.join("\n")
    }

    #[test]
    fn pack_diff_counts_who_changes_and_names_nobody_unless_asked() {
        let packs = ["packs/state-council-2022-09-26.toml", "packs/state-council-2022-11-11.toml"];
        let diff = |more: &[&str]| {
            yima(&[&["pack", "diff"], &packs[..], &["--facts", "-", "--json"], more].concat(), &second_contacts())
        };
        let group = |area: &str, persons: u32| serde_json::json!({"area": area, "old": "yellow", "new": "green", "rules": ["CN-3"], "persons": persons});
        let found = &json(&diff(&[]))[0];
        assert_eq!(found["groups"], serde_json::json!([group("42", 12)]), "nothing is said of a small group");
        assert_eq!(found["further_groups"], true);
        assert_eq!(found["days"], serde_json::json!([{"day": "2022-11-11", "persons": 12}]));
        assert_eq!((&found["persons"], &found["changed_at_least"]), (&16.into(), &12.into()), "3 cannot be worked out");
        assert!(found["changes"].is_null());
        let found = &json(&diff(&["--persons"]))[0];
        assert_eq!(found["groups"], serde_json::json!([group("42", 12), group("61", 3)]));
        assert_eq!(found["further_groups"], false);
        let changes = found["changes"].as_array().unwrap();
        assert_eq!((changes.len(), &changes[0]["at"]), (15, &"2022-11-11T00:00:00+08:00".into()));
        let day = ["--from", "2022-11-18T00:00:00+08:00", "--until", "2022-11-19T00:00:00+08:00"];
        assert_eq!(json(&diff(&day))[0]["groups"], serde_json::json!([]), "by then the seven days are over");
        let never = diff(&["--until", "2022-11-11T00:00:00+08:00"]);
        assert!(never.status.code() == Some(64) && never.stdout.is_empty());
    }

    #[test]
    fn pack_explain_prints_the_notice_beside_every_rule() {
        for (language, word) in [("zh-CN", "红码"), ("zh-TW", "紅碼"), ("en", "red")] {
            let output = yima(&["pack", "explain", "packs/shaanxi-2020-12.toml", "--language", language], "");
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(
                text.contains(&format!("SX-3A · {word}")) && text.contains("14天内与确诊或疑似病例有密切接触"),
                "{text}"
            );
        }
    }

    #[test]
    fn replay_shows_both_times_of_knowledge_and_why() {
        let arguments = [
            "pack",
            "replay",
            "--pack",
            "packs/hubei-2020-02.toml",
            "--facts",
            "-",
            "--at",
            "2020-03-01T08:00:00+08:00",
            "--why",
        ];
        let output = yima(&arguments, &at_home("420602", FACTS));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("as known then: yellow") && text.contains("as known now: green"), "{text}");
        assert!(text.contains("HB-3") && text.contains(r#""kind":"declaration""#), "{text}");
    }

    #[test]
    fn replay_as_json_has_both_verdicts_with_what_each_was_made_from() {
        let at = "2020-03-01T08:00:00+08:00";
        let replay = ["pack", "replay", "--pack", "packs/hubei-2020-02.toml", "--facts", "-", "--at", at, "--json"];
        let answers = json(&yima(&replay, &at_home("420602", FACTS)));
        let [answer] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!((&answer["person"], &answer["at"]), (&PERSON.into(), &at.into()));
        assert_eq!((&answer["then"]["colour"], &answer["now"]["colour"]), (&"yellow".into(), &"green".into()));
        assert_eq!(answer["then"]["grounds"][0]["rule"], "HB-3");
        let positions = |known: &str| answer[known]["as_of"]["person_position"].clone();
        assert_eq!((positions("then"), positions("now")), (3.into(), 4.into()), "the check-in was filed the day after");
        assert_eq!(answer["then"]["as_of"]["global_position"], 1, "the packs of the command are no facts of the file");
        let elsewhere = json(&yima(&replay, &at_home("610102", FACTS)));
        let now = &elsewhere[0]["now"];
        assert_eq!((&now["colour"], &now["in_force"]), (&"grey".into(), &false.into()), "no pack applies there");
    }

    /// The facts, with where the person lives.
    fn at_home(area: &str, facts: &str) -> String {
        let home = format!(
            r#"{{"id":"000000000000000000000000000000f0","person":"{PERSON}","kind":"dwelling","source":{{"kind":"resident","id":"self"}},"recorded":"2020-02-26T08:00:00+08:00","from":"2020-02-26T08:00:00+08:00","area":"{area}","role":"home"}}"#
        );
        format!("{home}\n{}\n", facts.trim())
    }

    #[test]
    fn replay_judges_by_the_national_pack_and_that_of_the_place_together() {
        let contact = format!(
            r#"{{"id":"000000000000000000000000000000f1","person":"{PERSON}","kind":"contact","source":{{"kind":"disease-control","id":"cdc-31"}},"recorded":"2022-07-01T08:00:00+08:00","at":"2022-06-30T08:00:00+08:00","degree":"close","of":"000000000000000000000000000000f2"}}"#
        );
        let replay = |packs: &[&str], more: &[&str]| {
            let packs: Vec<_> = packs.iter().flat_map(|pack| ["--pack", *pack]).collect();
            let asked = ["--facts", "-", "--at", "2022-07-01T09:00:00+08:00"];
            yima(&[&["pack", "replay"], packs.as_slice(), &asked, more].concat(), &at_home("310101", &contact))
        };
        let (national, local) = ("packs/state-council-2022-06-28.toml", "packs/shanghai-2022-04.toml");
        let both = &json(&replay(&[local, national], &["--json"]))[0]["now"];
        let packs: Vec<_> = both["grounds"].as_array().unwrap().iter().map(|ground| ground["pack"].clone()).collect();
        assert!(
            packs.contains(&"state-council-2022-06-28".into()) && packs.contains(&"shanghai-2022-04".into()),
            "{both}"
        );
        let alone = &json(&replay(&[local], &["--json"]))[0]["now"];
        assert!(alone["grounds"].as_array().unwrap().iter().all(|ground| ground["pack"] == "shanghai-2022-04"));
        let text = String::from_utf8(replay(&[local, national], &["--why"]).stdout).unwrap();
        let told = ["as known then: red", "as known now: red", "· state-council-2022-06-28", "· shanghai-2022-04"];
        assert!(told.iter().all(|part| text.contains(part)), "{text}");
    }
}
