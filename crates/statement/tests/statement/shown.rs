//! What is shown of a content without its person.

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use yima_model::Personal;
    use yima_statement::{Format, Meaning, Statement};

    fn shown(format: Format, content: Value) -> Value {
        let statement = Statement {
            format,
            issuer: None,
            issued: None,
            expires: None,
            revocation: None,
            content: Personal::new(content),
            meaning: Meaning::UNKNOWN,
        };
        statement.content_without_person()
    }

    /// Each place where a content says "Jane": what stands in no list, and what has another form than its place.
    fn check(format: Format, content: Value, expected: Value) {
        assert!(content.to_string().contains("Jane"));
        let shown = shown(format, content);
        assert!(!shown.to_string().contains("Jane"), "{shown}");
        assert_eq!(shown, expected);
    }

    #[test]
    fn fields_that_no_list_has_are_not_shown() {
        check(
            Format::Dcc,
            json!({
                "ver": "1.3.0", "nam": {"fn": "Jane"}, "dob": "1990 Jane", "meta": {"passportNumber": "Jane"},
                "photo": "Jane", "v": [{"dn": 2, "ci": "URN:UVCI:01:AT:1", "guardian": "Jane", "mp": {"name": "Jane"}}, "Jane"],
            }),
            json!({"ver": "1.3.0", "v": [{"dn": 2, "ci": "URN:UVCI:01:AT:1"}]}),
        );
        check(
            Format::Ddcc,
            json!({
                "name": "Jane", "birthDate": "Jane", "identifier": "Jane", "sex": {"code": "Jane"}, "hw": "Jane",
                "hcid": "US1", "mother": "Jane", "lot": "A1", "vaccine": {"code": "1", "display": "Jane"},
            }),
            json!({"hcid": "US1", "lot": "A1", "vaccine": {"code": "1"}}),
        );
        check(Format::Nzcp, json!({"givenName": "Jane", "passport": "Jane", "dob": "Jane"}), json!({}));
        check(
            Format::VdsNc,
            json!({
                "hdr": {"t": "icao.vacc", "v": 1, "is": "AUS", "x": "Jane"},
                "msg": {
                    "uvci": "U1", "pid": {"n": "Jane"}, "opt": "Jane", "ve": [{"des": "XM68M6", "vd": [{"seq": 1, "n": "Jane"}]}],
                    "sp": {"spn": "Clinic", "cd": {"p": "Jane"}},
                },
            }),
            json!({
                "hdr": {"t": "icao.vacc", "v": 1, "is": "AUS"},
                "msg": {"uvci": "U1", "ve": [{"des": "XM68M6", "vd": [{"seq": 1}]}], "sp": {"spn": "Clinic"}},
            }),
        );
        check(Format::Divoc, json!({"name": "Jane"}), Value::Null);
    }

    /// Source: FHIR R4: texts for people, contained resources, references, and resources about persons.
    #[test]
    fn resources_show_codes_and_times_alone() {
        let entry = |resource: Value| json!({"fullUrl": "resource:Jane", "resource": resource});
        let coding = |display: &str| json!({"system": "s", "code": "c", "display": display});
        let concept = json!({"coding": [coding("Jane")], "text": "Jane"});
        let bundle = json!({
            "resourceType": "Bundle", "type": "collection", "identifier": {"value": "Jane"},
            "entry": [
                entry(json!({"resourceType": "Patient", "name": [{"family": "Jane"}], "birthDate": "1990 Jane"})),
                entry(json!({"resourceType": "RelatedPerson", "name": [{"family": "Jane"}]})),
                entry(json!({
                    "resourceType": "Immunization", "status": "completed", "vaccineCode": concept,
                    "patient": {"reference": "resource:0", "display": "Jane"}, "text": {"div": "<div>Jane</div>"},
                    "contained": [{"resourceType": "Patient", "name": [{"family": "Jane"}]}],
                    "performer": [{"actor": {"display": "Jane"}}], "note": [{"text": "Jane"}],
                    "extension": [{"valueString": "Jane"}], "occurrenceDateTime": "2021-01-01",
                })),
                entry(json!({
                    "resourceType": "Observation", "status": "final", "code": concept, "valueString": "Jane",
                    "subject": {"identifier": {"value": "Jane"}}, "valueCodeableConcept": concept,
                })),
                json!("Jane"),
            ],
        });
        let concept = json!({"coding": [{"system": "s", "code": "c"}]});
        let expected = json!([{
            "resourceType": "Bundle", "type": "collection",
            "entry": [
                {"resource": {"resourceType": "Patient"}},
                {"resource": {"resourceType": "RelatedPerson"}},
                {"resource": {
                    "resourceType": "Immunization", "status": "completed", "vaccineCode": concept,
                    "occurrenceDateTime": "2021-01-01",
                }},
                {"resource": {
                    "resourceType": "Observation", "status": "final", "code": concept, "valueCodeableConcept": concept,
                }},
            ],
        }]);
        check(Format::Shc, json!([bundle]), expected);
    }
}
