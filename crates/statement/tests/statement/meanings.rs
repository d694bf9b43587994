//! What cards and seals mean: only what the closed lists of codes name, and nothing that is not sure.

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use yima_model::Timestamp;
    use yima_statement::trust::Owner;
    use yima_statement::{Refusal, Trust, verify};

    use crate::signing::{Issuer, deflated};
    use crate::support::{clock, json as read, text, vectors};

    const LOINC: &str = "http://loinc.org";
    const SNOMED: &str = "http://snomed.info/sct";
    const CVX: &str = "http://hl7.org/fhir/sid/cvx";

    fn concept(codings: &[(&str, &str)]) -> Value {
        let coding = |(system, code): &(&str, &str)| json!({"system": system, "code": code});
        json!({"coding": codings.iter().map(coding).collect::<Vec<_>>()})
    }

    fn test(code: &[(&str, &str)], result: &[(&str, &str)], at: &str) -> Value {
        json!({
            "resourceType": "Observation", "status": "final", "code": concept(code),
            "valueCodeableConcept": concept(result), "effectiveDateTime": at,
        })
    }

    fn dose(code: &[(&str, &str)], at: &str) -> Value {
        json!({
            "resourceType": "Immunization", "status": "completed", "vaccineCode": concept(code),
            "occurrenceDateTime": at,
        })
    }

    fn bundle(resources: &[Value]) -> Value {
        let entries: Vec<_> = resources.iter().map(|resource| json!({"resource": resource})).collect();
        json!({"resourceType": "Bundle", "type": "collection", "entry": entries})
    }

    /// What a card with these resources means, and the day since which.
    fn meaning(resources: &[Value]) -> (String, Option<String>) {
        let issuer = Issuer::new();
        let card = issuer.card(&deflated(issuer.claims(&bundle(resources)).to_string().as_bytes()));
        of(&card, &issuer.trust())
    }

    fn of(card: &str, trust: &Trust) -> (String, Option<String>) {
        let found = verify(card, None, trust, clock("2024-01-01T00:00:00Z")).unwrap();
        let day = found.meaning.at().map(|at: Timestamp| at.to_string().split('T').next().unwrap().to_owned());
        (found.meaning.word().word().to_owned(), day)
    }

    fn check(name: &str, resources: &[Value], expected: &str) {
        assert_eq!(meaning(resources).0, expected, "{name}");
    }

    /// The urinalysis of example 02 has negative findings, which are of no virus.
    #[test]
    fn the_examples_of_the_framework_mean_what_their_codes_say() {
        let Some(root) = vectors("shc/spec-examples") else { return };
        let mut trust = Trust::nobody();
        let owner = Owner::Issuer("https://spec.smarthealth.cards/examples/issuer".to_owned());
        assert_eq!(trust.add_key_set(&read(&root.join("issuer/.well-known/jwks.json")), &owner), []);
        for (file, word, day) in [
            ("example-00-d-jws.txt", "vaccinated", Some("2021-01-29")),
            ("example-00-e-file.smart-health-card", "vaccinated", Some("2021-01-29")),
            ("example-02-d-jws.txt", "unknown", None),
            ("example-02-e-file.smart-health-card", "unknown", None),
            ("example-03-f-qr-code-numeric-value-0.txt", "vaccinated", Some("2021-03-29")),
        ] {
            let found = of(&text(&root.join(file)), &trust);
            assert_eq!(found, (word.to_owned(), day.map(str::to_owned)), "{file}");
        }
    }

    /// Source: VCI's value sets `lab-qualitative-test-covid` and `lab-qualitative-result`.
    #[test]
    fn only_a_listed_test_with_a_listed_result_is_negative() {
        const RNA: &[(&str, &str)] = &[(LOINC, "94500-6")];
        const NOT_DETECTED: &[(&str, &str)] = &[(SNOMED, "260415000")];
        const AT: &str = "2021-09-09T08:00:00Z";
        for result in [(SNOMED, "260415000"), (SNOMED, "260385009"), (LOINC, "LA11883-8"), (LOINC, "LA6577-6")] {
            check("a negative result", &[test(RNA, &[result], AT)], "tested-negative");
        }
        check("antigen", &[test(&[(LOINC, "94558-4")], NOT_DETECTED, AT)], "tested-negative");
        for (name, code) in [
            ("glucose in urine", (LOINC, "2349-9")),
            ("antibodies", (LOINC, "94563-4")),
            ("antibodies that neutralise", (LOINC, "95411-5")),
            ("a response of T cells", (LOINC, "95971-8")),
            ("RNA in blood", (LOINC, "94660-8")),
            ("a donor", (LOINC, "96829-7")),
            ("a mutation", (LOINC, "96752-1")),
            ("influenza", (LOINC, "92142-9")),
            ("the code in another system", ("https://example.invalid", "94500-6")),
            ("no system", ("", "94500-6")),
            ("a code that begins alike", (LOINC, "94500")),
        ] {
            check(name, &[test(&[code], NOT_DETECTED, AT)], "unknown");
        }
        check("two tests in one code", &[test(&[(LOINC, "94500-6"), (LOINC, "2349-9")], NOT_DETECTED, AT)], "unknown");
        for (name, result) in [
            ("detected", (SNOMED, "260373001")),
            ("positive", (LOINC, "LA6576-8")),
            ("inconclusive", (SNOMED, "419984006")),
            ("indeterminate", (SNOMED, "82334004")),
            ("invalid", (SNOMED, "455371000124106")),
            ("the code in another system", ("https://example.invalid", "260415000")),
            ("an answer's code in the wrong system", (SNOMED, "LA11883-8")),
            ("its text", (SNOMED, "negative")),
        ] {
            check(name, &[test(RNA, &[result], AT)], "unknown");
        }
        check("two results", &[test(RNA, &[(SNOMED, "260415000"), (SNOMED, "260373001")], AT)], "unknown");
        for status in ["preliminary", "registered", "entered-in-error", "cancelled"] {
            let mut observation = test(RNA, NOT_DETECTED, AT);
            observation["status"] = status.into();
            check(status, &[observation], "unknown");
        }
        let mut timeless = test(RNA, NOT_DETECTED, AT);
        timeless.as_object_mut().unwrap().remove("effectiveDateTime");
        check("no time", &[timeless], "unknown");
    }

    /// One gene may be found where another is not, and a later test says more than an earlier one.
    #[test]
    fn a_negative_test_counts_if_nothing_later_or_equal_contradicts_it() {
        let of = |code, result, at| test(&[(LOINC, code)], &[(SNOMED, result)], at);
        let (negative, positive) = ("260415000", "260373001");
        let rna = of("94500-6", negative, "2021-09-09");
        let gene = |result, at| of("94756-4", result, at);
        check("alone", std::slice::from_ref(&rna), "tested-negative");
        check("a gene alone", &[gene(negative, "2021-09-09")], "unknown");
        check("after a positive one", &[rna.clone(), gene(positive, "2021-09-01")], "tested-negative");
        check("beside a positive one", &[rna.clone(), gene(positive, "2021-09-09")], "unknown");
        check("before a positive one", &[rna.clone(), gene(positive, "2021-09-10")], "unknown");
        let both = [rna.clone(), gene(negative, "2021-09-10")];
        assert_eq!(meaning(&both), ("tested-negative".to_owned(), Some("2021-09-09".to_owned())));
        let mut timeless = gene(positive, "");
        timeless.as_object_mut().unwrap().remove("effectiveDateTime");
        check("and a positive one of an unknown time", &[rna, timeless], "unknown");
    }

    /// Source: VCI's value sets `immunization-covid-cvx`, `-snomed` and `-icd11`.
    #[test]
    fn only_doses_of_listed_vaccines_on_different_days_make_a_series() {
        let moderna = |at| dose(&[(CVX, "207")], at);
        let days = [moderna("2021-01-01"), moderna("2021-01-29")];
        assert_eq!(meaning(&days), ("vaccinated".to_owned(), Some("2021-01-29".to_owned())));
        check("one dose", &[moderna("2021-01-01")], "unknown");
        check("a dose told twice", &[moderna("2021-01-01"), moderna("2021-01-01T09:00:00Z")], "unknown");
        check("one of a single dose", &[dose(&[(CVX, "212")], "2021-03-03")], "vaccinated");
        check("the same in SNOMED CT", &[dose(&[(SNOMED, "28951000087107")], "2021-03-03")], "vaccinated");
        let icd = ("http://id.who.int/icd11/mms", "XM8NQ0");
        check("ICD-11 and CVX", &[dose(&[icd], "2021-01-01"), moderna("2021-01-29")], "vaccinated");
        for (name, code) in [
            ("influenza", (CVX, "140")),
            ("unspecified", (CVX, "213")),
            ("unknown product", (CVX, "500")),
            ("no vaccine administered", (CVX, "998")),
            ("another system", ("http://hl7.org/fhir/sid/cvx-TEMPORARY-CODE-SYSTEM", "207")),
            ("no system", ("", "207")),
            ("influenza in ICD-11", ("http://id.who.int/icd11/mms", "XM7B93")),
        ] {
            check(name, &[dose(&[code], "2021-01-01"), dose(&[code], "2021-01-29")], "unknown");
        }
        let both = [(CVX, "207"), (CVX, "140")];
        check("two vaccines in one code", &[dose(&both, "2021-01-01"), dose(&both, "2021-01-29")], "unknown");
        for status in ["not-done", "entered-in-error"] {
            let mut second = moderna("2021-01-29");
            second["status"] = status.into();
            check(status, &[moderna("2021-01-01"), second], "unknown");
        }
    }

    /// Two persons with one dose each are not one person with two.
    #[test]
    fn cards_add_up_only_if_they_are_of_one_person() {
        let issuer = Issuer::new();
        let patient = |family: &str, given: &[&str], born: &str| json!({"resourceType": "Patient", "name": [{"family": family, "given": given}], "birthDate": born});
        let doses = [dose(&[(CVX, "207")], "2021-01-01"), dose(&[(CVX, "207")], "2021-01-29")];
        let [first, second] = &doses;
        let outcome = |cards: &[&[&Value]]| {
            let card = |resources: &&[&Value]| {
                let bundle = bundle(&resources.iter().copied().cloned().collect::<Vec<_>>());
                issuer.card(&deflated(issuer.claims(&bundle).to_string().as_bytes()))
            };
            let cards: Vec<String> = cards.iter().map(card).collect();
            let file = json!({"verifiableCredential": cards}).to_string();
            let found = verify(&file, None, &issuer.trust(), clock("2024-01-01T00:00:00Z"));
            found.map_or_else(Refusal::code, |found| found.meaning.word().word())
        };
        let jane = patient("Anyperson", &["Jane", "C."], "1961-01-20");
        assert_eq!(outcome(&[&[&jane, first], &[&jane, second]]), "vaccinated");
        let shouted = patient("ANYPERSON", &["JANE C."], "1961-01-20");
        assert_eq!(outcome(&[&[&jane, first], &[&shouted, second]]), "vaccinated");
        let shorter = patient("Anyperson", &["Jane"], "1961-01-20");
        assert_eq!(outcome(&[&[&jane, first], &[&shorter, second]]), "vaccinated");
        for (name, other) in [
            ("another name", patient("Anyperson", &["John", "B."], "1961-01-20")),
            ("another family", patient("Otherperson", &["Jane", "C."], "1961-01-20")),
            ("another birth", patient("Anyperson", &["Jane", "C."], "1961-01-21")),
            ("no birth", json!({"resourceType": "Patient", "name": jane["name"]})),
            ("no name", json!({"resourceType": "Patient", "name": [{}], "birthDate": "1961-01-20"})),
            ("no patient", json!({"resourceType": "Location"})),
        ] {
            assert_eq!(outcome(&[&[&jane, first], &[&other, second]]), "persons_differ", "{name}");
            assert_eq!(outcome(&[&[&other, first], &[&jane, second]]), "persons_differ", "{name} first");
        }
        let other = patient("Anyperson", &["John", "B."], "1951-01-20");
        assert_eq!(outcome(&[&[&jane, first, &other, second]]), "persons_differ", "two in one card");
        assert_eq!(outcome(&[&[first], &[second]]), "persons_differ", "nobody said");
        let nameless = json!({"resourceType": "Patient"});
        assert_eq!(outcome(&[&[&nameless, first], &[&nameless, second]]), "persons_differ", "nobody named");
        assert_eq!(outcome(&[&[first, second]]), "vaccinated", "one card without a patient");
    }
}
