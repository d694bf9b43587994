//! Hostile cards and rules, made by rule: each with the reason that docs/STATEMENTS.md gives it.

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::EcdsaKeyPair;
    use serde_json::{Value, json};
    use yima_model::Timestamp;
    use yima_model::fact::StatementMeaning;
    use yima_statement::certlogic::rules::{Outcome, Rule};
    use yima_statement::certlogic::{EvaluationError, Expression, Fault};
    use yima_statement::key::KeyError;
    use yima_statement::trust::Owner;
    use yima_statement::{Refusal, Trust, verify};

    use crate::signing::{Issuer, deflated, jwk, jws, key_id, signer};
    use crate::tokens::NOW;

    const ISSUER: &str = Issuer::URL;

    fn claims() -> Value {
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": []});
        let subject = json!({"fhirVersion": "4.0.1", "fhirBundle": bundle});
        let credential = json!({"type": ["https://smarthealth.cards#health-card"], "credentialSubject": subject});
        json!({"iss": ISSUER, "nbf": NOW - 100, "vc": credential})
    }

    fn check(trust: &Trust, name: &str, card: &str, expected: &str) {
        let found = verify(card, None, trust, Timestamp::from_millis(NOW * 1000));
        assert_eq!(found.map_or_else(Refusal::code, |_| "valid"), expected, "{name}");
    }

    fn trusting(signer: &EcdsaKeyPair) -> Trust {
        let mut key = jwk(signer);
        key["kid"] = key_id(signer).into();
        let mut trust = Trust::nobody();
        assert_eq!(trust.add_key_set(&json!({"keys": [key]}), &Owner::Issuer(ISSUER.to_owned())), []);
        trust
    }

    #[test]
    fn no_header_of_a_card_chooses_its_algorithm_or_its_key() {
        let (signer, thief) = (signer(), signer());
        let (trust, kid) = (trusting(&signer), key_id(&signer));
        let payload = deflated(claims().to_string().as_bytes());
        let header = |change: &dyn Fn(&mut Value)| {
            let mut header = json!({"zip": "DEF", "alg": "ES256", "kid": kid});
            change(&mut header);
            header.to_string()
        };
        check(&trust, "as it is", &jws(&header(&|_| {}), &payload, &signer), "valid");
        for algorithm in [
            "none", "None", "NONE", "nOnE", "", "HS256", "HS512", "RS256", "PS256", "ES384", "ES512", "ES256K",
            "EdDSA", "es256",
        ] {
            let card = jws(&header(&|header| header["alg"] = algorithm.into()), &payload, &signer);
            check(&trust, algorithm, &card, "algorithm_wrong");
            let unsigned = card.rsplit_once('.').unwrap().0.to_owned() + ".";
            check(&trust, algorithm, &unsigned, "algorithm_wrong");
        }
        for (name, value) in
            [("null", Value::Null), ("a number", json!(0)), ("a list", json!(["ES256"])), ("false", json!(false))]
        {
            let card = jws(&header(&|header| header["alg"] = value.clone()), &payload, &signer);
            check(&trust, name, &card, "algorithm_missing");
        }
        // A key that the card brings along, or an address of one, is not looked at.
        let own = jwk(&thief);
        for (name, label, value) in [
            ("its own key", "jwk", own),
            ("an address of its key", "jku", json!("https://example.invalid/keys")),
            ("its own certificate", "x5c", json!(["MIIB"])),
            ("an address of its certificate", "x5u", json!("https://example.invalid/cert")),
        ] {
            let card = jws(&header(&|header| header[label] = value.clone()), &payload, &thief);
            check(&trust, name, &card, "signature_invalid");
            let card = jws(
                &header(&|header| (header[label], header["kid"]) = (value.clone(), key_id(&thief).into())),
                &payload,
                &thief,
            );
            check(&trust, name, &card, "key_unknown");
        }
        for (name, id, expected) in [
            ("a path", json!("../../etc/passwd"), "key_unknown"),
            ("nothing", json!(""), "key_unknown"),
            ("a list", json!([kid]), "key_id_missing"),
            ("another case", json!(kid.to_lowercase() + "A"), "key_unknown"),
        ] {
            check(&trust, name, &jws(&header(&|header| header["kid"] = id.clone()), &payload, &signer), expected);
        }
        for critical in [json!([]), json!(["exp"]), json!("b64"), Value::Null] {
            let card = jws(&header(&|header| header["crit"] = critical.clone()), &payload, &signer);
            check(&trust, "something critical", &card, "critical_unknown");
        }
        for compression in [json!("def"), json!("GZIP"), json!(1), Value::Null] {
            let card =
                jws(&header(&|header| header["zip"] = compression.clone()), claims().to_string().as_bytes(), &signer);
            check(&trust, "another compression", &card, "compression_invalid");
        }
    }

    /// A file of cards, one for each bundle, and what it says.
    fn said(bundles: &[Value]) -> Result<StatementMeaning, Refusal> {
        let signer = signer();
        let header = json!({"zip": "DEF", "alg": "ES256", "kid": key_id(&signer)}).to_string();
        let card = |bundle: &Value| {
            let mut claims = claims();
            claims["vc"]["credentialSubject"]["fhirBundle"] = bundle.clone();
            jws(&header, &deflated(claims.to_string().as_bytes()), &signer)
        };
        let file = json!({"verifiableCredential": bundles.iter().map(card).collect::<Vec<_>>()}).to_string();
        let found = verify(&file, None, &trusting(&signer), Timestamp::from_millis(NOW * 1000))?;
        Ok(found.meaning.word())
    }

    fn bundle(name: &str, born: &str, resource: Value) -> Value {
        let patient = json!({"resourceType": "Patient", "birthDate": born, "name": [{"family": name, "given": ["A"]}]});
        json!({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}, {"resource": resource}]})
    }

    fn test_of(system: &str, code: &str, (answers, answer): (&str, &str), status: &str) -> Value {
        json!({
            "resourceType": "Observation", "status": status, "effectiveDateTime": "2023-11-01T08:00:00Z",
            "code": {"coding": [{"system": system, "code": code}]},
            "valueCodeableConcept": {"coding": [{"system": answers, "code": answer}]},
        })
    }

    fn dose(system: &str, code: &str, day: &str) -> Value {
        json!({
            "resourceType": "Immunization", "status": "completed", "occurrenceDateTime": day,
            "vaccineCode": {"coding": [{"system": system, "code": code}]},
        })
    }

    #[test]
    fn only_a_test_for_the_virus_is_a_negative_test() {
        const LOINC: &str = "http://loinc.org";
        const SNOMED: &str = "http://snomed.info/sct";
        let negative = (SNOMED, "260385009");
        for (resource, expected) in [
            (test_of(LOINC, "94500-6", negative, "final"), StatementMeaning::TestedNegative),
            (test_of(LOINC, "97097-0", (SNOMED, "260415000"), "amended"), StatementMeaning::TestedNegative),
            (test_of(LOINC, "94500-6", (LOINC, "LA6577-6"), "final"), StatementMeaning::TestedNegative),
            // Leukocytes in urine; a test of one gene; the same code of another list; another answer; not final.
            (test_of(LOINC, "5799-2", negative, "final"), StatementMeaning::Unknown),
            (test_of(LOINC, "94533-7", negative, "final"), StatementMeaning::Unknown),
            (test_of("http://example.invalid", "94500-6", negative, "final"), StatementMeaning::Unknown),
            (test_of(LOINC, "94500-6", ("http://example.invalid", "260385009"), "final"), StatementMeaning::Unknown),
            (test_of(LOINC, "94500-6", (SNOMED, "260373001"), "final"), StatementMeaning::Unknown),
            (test_of(LOINC, "94500-6", negative, "preliminary"), StatementMeaning::Unknown),
        ] {
            assert_eq!(said(&[bundle("Muster", "1990-01-01", resource.clone())]), Ok(expected), "{resource}");
        }
    }

    #[test]
    fn doses_of_several_persons_do_not_add_up() {
        const CVX: &str = "http://hl7.org/fhir/sid/cvx";
        let (first, second) = (dose(CVX, "207", "2021-03-01"), dose(CVX, "207", "2021-04-01"));
        let own =
            |name, born| said(&[bundle("Muster", "1990-01-01", first.clone()), bundle(name, born, second.clone())]);
        assert_eq!(own("MUSTER", "1990-01-01"), Ok(StatementMeaning::Vaccinated));
        assert_eq!(own("Other", "1990-01-01"), Err(Refusal::PersonsDiffer));
        assert_eq!(own("Muster", "1990-01-02"), Err(Refusal::PersonsDiffer));
        let nobody = json!({"resourceType": "Bundle", "entry": [{"resource": second.clone()}]});
        assert_eq!(said(&[bundle("Muster", "1990-01-01", first.clone()), nobody]), Err(Refusal::PersonsDiffer));
        let influenza = dose("http://example.invalid", "207", "2021-04-01");
        let other = bundle("Muster", "1990-01-01", influenza);
        assert_eq!(said(&[bundle("Muster", "1990-01-01", first), other]), Ok(StatementMeaning::Unknown));
    }

    #[test]
    fn a_file_of_cards_has_a_bound_before_it_is_read() {
        let long = format!("{{\"verifiableCredential\": [\"{}\"]}}", "A".repeat(64 * 96 * 1024));
        check(&Trust::nobody(), "a long file", &long, "oversized");
    }

    #[test]
    fn the_id_of_a_key_is_its_thumbprint() {
        let signer = crate::signing::signer();
        let mut key = jwk(&signer);
        let owner = Owner::Issuer(ISSUER.to_owned());
        for id in ["another", "", &key_id(&crate::signing::signer()), &(key_id(&signer) + "=")] {
            key["kid"] = id.into();
            assert_eq!(Trust::nobody().add_key_set(&json!({"keys": [key]}), &owner), [KeyError::KeyIdWrong], "{id}");
        }
    }

    #[test]
    fn a_did_document_trusts_what_it_asserts_with_and_nothing_else() {
        let key = |id: &str| json!({"id": id, "type": "JsonWebKey2020", "publicKeyJwk": jwk(&signer())});
        let document = |asserts: Option<Value>, id: &str| {
            let mut document = json!({"id": "did:web:example.invalid", "verificationMethod": [key(id)]});
            if let Some(asserts) = asserts {
                document["assertionMethod"] = asserts;
            }
            let mut trust = Trust::nobody();
            assert_eq!(trust.add_did_document(&document), []);
            trust.keys()
        };
        let full = "did:web:example.invalid#key-1";
        assert_eq!(document(None, full), 0, "nothing is said of assertions");
        assert_eq!(document(Some(json!([])), full), 0);
        assert_eq!(document(Some(json!(["did:web:example.invalid#key-2"])), full), 0);
        assert_eq!(document(Some(json!([full])), full), 1);
        assert_eq!(document(Some(json!(["#key-1"])), full), 1);
        assert_eq!(document(Some(json!([full])), "#key-1"), 1);
        assert_eq!(document(Some(json!([key("#key-2")])), full), 1, "one that stands there itself");
    }

    #[test]
    fn bombs_in_cards_are_refused() {
        let signer = signer();
        let trust = trusting(&signer);
        let header = json!({"zip": "DEF", "alg": "ES256", "kid": key_id(&signer)}).to_string();
        let card = |payload: &[u8]| jws(&header, payload, &signer);
        check(&trust, "zeros", &card(&deflated(&vec![0; 10_000_000])), "too_large");
        check(&trust, "a byte too many", &card(&deflated(&vec![b' '; 64 * 1024 + 1])), "too_large");
        let mut continued = deflated(claims().to_string().as_bytes());
        continued.push(0);
        check(&trust, "more after the end", &card(&continued), "compression_invalid");
        check(&trust, "cut short", &card(&continued[..continued.len() - 9]), "compression_invalid");
        check(&trust, "nested lists", &card(&deflated("[".repeat(60_000).as_bytes())), "json_invalid");
        check(&trust, "nested objects", &card(&deflated("{\"a\":".repeat(10_000).as_bytes())), "json_invalid");
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        check(&trust, "whole and nested", &card(&deflated(deep.as_bytes())), "json_invalid");
        for (name, begins) in
            [("-1", json!(-1)), ("text", json!("1700000000")), ("too late", json!(1e300)), ("null", Value::Null)]
        {
            let mut claims = claims();
            claims["nbf"] = begins;
            check(&trust, name, &card(&deflated(claims.to_string().as_bytes())), "claims_invalid");
        }
        check(
            &trust,
            "four parts",
            &format!("{}.e30", card(&deflated(claims().to_string().as_bytes()))),
            "encoding_invalid",
        );
    }

    #[test]
    fn rules_that_would_not_end_are_told() {
        let nested =
            |operator: &str, levels: usize| (0..levels).fold(json!(true), |inner, _| json!({operator: [inner]}));
        assert!(Expression::parse(&nested("!", 63)).is_ok());
        let issues = Expression::parse(&nested("!", 100)).unwrap_err();
        assert!(issues.iter().any(|issue| issue.fault == Fault::TooDeep));
        let arrays = (0..100).fold(json!([]), |inner, _| json!([inner]));
        assert!(Expression::parse(&arrays).is_err());

        let data = json!({"list": vec![1; 400], "long": vec![1; 30_000]});
        let (list, accumulator) = (json!({"var": "list"}), json!({"var": "accumulator"}));
        let too_long = |name: &str, expression: Value| {
            let expression = Expression::parse(&expression).unwrap();
            assert_eq!(expression.evaluate(&data), Err(EvaluationError::TooLong), "{name}");
        };
        too_long("an array that doubles", json!({"reduce": [list, [accumulator, accumulator], []]}));
        too_long("an array ever deeper", json!({"reduce": [{"var": "long"}, [accumulator], []]}));
        let inner = json!({"reduce": [{"var": "long"}, {"+": [accumulator, 1]}, 0]});
        too_long("a fold over a fold", json!({"reduce": [{"var": "long"}, inner, 0]}));
        let look_up = json!({"in": [2, {"var": "long"}]});
        too_long(
            "a long list many times",
            json!({"and": [{"!": [look_up]}, {"!": [look_up]}, {"!": [look_up]}, {"!": [look_up]}]}),
        );
        let sum = Expression::parse(&json!({"reduce": [list, {"+": [{"var": "current"}, accumulator]}, 0]})).unwrap();
        assert_eq!(sum.evaluate(&data), Ok(json!(400)), "a fold that ends");
    }

    /// `2021-09-99` is no date, and a rule that meets one cannot decide: that is no pass.
    #[test]
    fn a_rule_that_errs_decides_nothing() {
        let rule = |logic: Value| {
            let rule = json!({
                "Identifier": "GR-XX-0001", "Type": "Acceptance", "Version": "1.0.0", "Country": "XX", "CertificateType": "General",
                "Engine": "CERTLOGIC", "ValidFrom": "2021-07-01T00:00:00Z", "ValidTo": "2030-01-01T00:00:00Z",
                "Logic": logic,
            });
            Rule::parse(&rule).unwrap()
        };
        let date = |text: &str| json!({"plusTime": [text, 0, "day"]});
        for (name, logic, error) in [
            ("a day 99", json!({"before": [date("2021-09-99"), date("2022-01-01")]}), EvaluationError::DateInvalid),
            ("no day", json!({"before": [date("today"), date("2022-01-01")]}), EvaluationError::DateInvalid),
            ("a number for a date", json!({"before": [1, date("2022-01-01")]}), EvaluationError::NotADate),
            ("a text for a number", json!({"<": ["1", 2]}), EvaluationError::NotAnInteger),
            (
                "too late",
                json!({"before": [{"plusTime": ["2021-09-09", 9_000_000_000_000_000_i64, "hour"]}, date("2022-01-01")]}),
                EvaluationError::OutOfRange,
            ),
        ] {
            assert_eq!(rule(logic).evaluate(&json!({})), Outcome::Open(error), "{name}");
        }
        // Days are days of the calendar, whatever clocks do in between.
        let over_a_change = json!({"not-after": [date("2021-10-31"), {"plusTime": ["2021-10-30", 1, "day"]}]});
        assert_eq!(rule(over_a_change).evaluate(&json!({})), Outcome::Passed);
    }
}
