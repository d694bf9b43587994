//! CertLogic's own suites, and the rules that countries published with their tests.

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use yima_model::Timestamp;
    use yima_statement::certlogic::Expression;
    use yima_statement::certlogic::rules::{Arrival, Outcome, Rule, selected};

    use crate::support::{Account, clock, files, json as read, vectors};

    fn is_skipped(value: &Value) -> bool {
        value["directive"] == "skip"
    }

    #[test]
    fn expressions_evaluate_as_expected() {
        let Some(folder) = vectors("certlogic") else { return };
        let mut account = Account::default();
        for path in files(&folder, ".json") {
            let suite = read(&path);
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            for case in suite["cases"].as_array().into_iter().flatten() {
                for assertion in case["assertions"].as_array().into_iter().flatten() {
                    let name = format!("{name}: {}: {}", case["name"], assertion["data"]);
                    if is_skipped(&suite) || is_skipped(case) || is_skipped(assertion) {
                        account.not_run(&name, "the suite itself says to skip it");
                        continue;
                    }
                    let own = &assertion["certLogicExpression"];
                    let expression = if own.is_null() { &case["certLogicExpression"] } else { own };
                    let data = assertion.get("data").unwrap_or(&Value::Null);
                    let found = Expression::parse(expression).map(|expression| expression.evaluate(data));
                    account.note(&name, "evaluation", found == Ok(Ok(assertion["expected"].clone())));
                }
            }
        }
        account.close("certlogic", 70, |_, _| None);
    }

    #[test]
    fn what_is_not_well_formed_is_told() {
        let Some(folder) = vectors("certlogic/validation-testSuite") else { return };
        let mut account = Account::default();
        for path in files(&folder, ".json") {
            for case in read(&path)["cases"].as_array().into_iter().flatten() {
                let expression = &case["certLogicExpression"];
                let found = Expression::parse(expression).err().unwrap_or_default();
                let found: Vec<_> = found.iter().map(|issue| &issue.expression).collect();
                let expected: Vec<_> = case["issues"].as_array().unwrap().iter().map(|issue| &issue["expr"]).collect();
                account.note(&expression.to_string(), "validation", found == expected);
            }
        }
        account.close("certlogic", 10, |_, _| None);
    }

    #[test]
    fn published_rules_decide_their_tests() {
        let Some(folder) = vectors("dcc-business-rules") else { return };
        let mut account = Account::default();
        for path in files(&folder, "rule.json") {
            let rule = Rule::parse(&read(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            for test in files(&path.parent().unwrap().join("tests"), ".json") {
                let name = test.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
                let test = read(&test);
                let data = json!({"payload": test["payload"], "external": test["external"]});
                let expected = if test["expected"] == true { Outcome::Passed } else { Outcome::Failed };
                account.note(&name, "rule", rule.evaluate(&data) == expected);
            }
        }
        account.close("dcc-business-rules", 400, |_, _| None);
    }

    #[test]
    fn the_rules_of_arrival_and_issue_are_asked_each_in_its_latest_version() {
        let rule = |change: Value| {
            let mut rule = json!({
                "Identifier": "VR-ZZ-0001", "Type": "Acceptance", "Version": "1.9.0", "Country": "ZZ", "Engine": "CERTLOGIC",
                "CertificateType": "Vaccination", "ValidFrom": "2021-07-01T00:00:00Z", "ValidTo": "2021-08-01T00:00:00Z",
                "Logic": true,
            });
            rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            Rule::parse(&rule).unwrap()
        };
        let rules = [
            rule(json!({})),
            rule(json!({"Version": "1.10.0"})),
            rule(json!({"Version": "2.0.0", "ValidFrom": "2021-07-20T00:00:00Z"})),
            rule(json!({"Identifier": "VR-ZZ-0002", "Region": "NORTH"})),
            rule(json!({"Identifier": "VR-YY-0001", "Country": "YY"})),
            rule(json!({"Identifier": "GR-EU-0001", "Country": "EU", "CertificateType": "General"})),
            rule(json!({"Identifier": "IR-YY-0001", "Country": "YY", "Type": "Invalidation"})),
            rule(json!({"Identifier": "IR-ZZ-0001", "Type": "Invalidation"})),
            rule(json!({"Identifier": "TR-ZZ-0001", "CertificateType": "Test"})),
        ];
        let vaccinated = json!({"payload": {"v": [{"dn": 2, "sd": 2}]}, "external": {}});
        let asked = |country: Option<&str>, region: Option<&str>, issuer: Option<&str>, at: &str| {
            let arrival = Arrival { country, region };
            let rules = selected(&rules, &vaccinated, issuer, arrival, clock(at)).into_iter();
            rules.map(|rule| format!("{} {}", rule.id, rule.version)).collect::<Vec<_>>().join(", ")
        };
        let early = "2021-07-15T00:00:00Z";
        assert_eq!(asked(Some("ZZ"), None, None, early), "GR-EU-0001 1.9.0, VR-ZZ-0001 1.10.0");
        assert_eq!(asked(Some("ZZ"), None, None, "2021-07-20T00:00:00Z"), "GR-EU-0001 1.9.0, VR-ZZ-0001 2.0.0");
        let north = "GR-EU-0001 1.9.0, VR-ZZ-0001 1.10.0, VR-ZZ-0002 1.9.0";
        assert_eq!(asked(Some("ZZ"), Some("NORTH"), None, early), north);
        assert_eq!(asked(Some("ZZ"), None, Some("YY"), early), "GR-EU-0001 1.9.0, IR-YY-0001 1.9.0, VR-ZZ-0001 1.10.0");
        assert_eq!(asked(Some("XX"), None, None, early), "GR-EU-0001 1.9.0");
        assert_eq!(asked(Some("ZZ"), None, Some("YY"), "2021-08-02T00:00:00Z"), "");
    }

    #[test]
    fn a_rule_applies_to_its_kind_within_its_time_and_never_passes_undecided() {
        let rule = |logic: Value| {
            Rule::parse(&json!({
                "Identifier": "VR-ZZ-0001", "Type": "Acceptance", "Version": "1.0.0", "Country": "ZZ", "Engine": "CERTLOGIC",
                "CertificateType": "Vaccination", "ValidFrom": "2021-07-01T00:00:00Z",
                "ValidTo": "2021-08-01T00:00:00Z", "Logic": logic,
            }))
            .unwrap()
        };
        let vaccinated = json!({"payload": {"v": [{"dn": 2, "sd": 2}]}, "external": {}});
        let tested = json!({"payload": {"t": [{}]}, "external": {}});
        let complete = rule(json!({">=": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]}));
        let check = |at: &str, data, expected| assert_eq!(complete.judge(data, clock(at)), expected, "{at}");
        check("2021-06-30T23:59:59Z", &vaccinated, Outcome::NotApplicable);
        check("2021-07-01T00:00:00Z", &vaccinated, Outcome::Passed);
        check("2021-08-01T00:00:00Z", &vaccinated, Outcome::Passed);
        check("2021-08-01T00:00:01Z", &vaccinated, Outcome::NotApplicable);
        check("2021-07-15T00:00:00Z", &tested, Outcome::NotApplicable);
        let within: Timestamp = clock("2021-07-15T00:00:00Z");
        let undecided = json!({"payload": {"v": [{"dn": "2", "sd": 2}]}, "external": {}});
        assert!(matches!(complete.judge(&undecided, within), Outcome::Open(_)));
        let mistyped = rule(json!({"plusTime": ["2021-09-99", 0, "day"]}));
        assert!(matches!(mistyped.judge(&vaccinated, within), Outcome::Open(_)));
        assert_eq!(rule(json!(1)).judge(&vaccinated, within), Outcome::Failed);
    }
}
