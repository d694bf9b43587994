//! WHO certificates: the use of the key, the core data set, the term and revocation.

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};
    use serde_json::{Value, json};
    use yima_credential::sha256;
    use yima_model::Timestamp;
    use yima_statement::dcc::revocation::Revocations;
    use yima_statement::key::PublicKey;
    use yima_statement::trust::{Container, Grant, Owner};
    use yima_statement::x509::Usages;
    use yima_statement::{Format, Refusal, Trust, inspect, verify};

    use crate::signing::{jwk, signer};
    use crate::support::{json as read, text as read_text, vectors};
    use crate::tokens::{ES256, NOW, bytes, dcc, encoded, hc1, map, object};

    /// Source: the sample of the WHO's validator, with the dates of a whole series.
    fn content() -> Value {
        json!({
            "name": "Eddie Murphy", "birthDate": "1986-09-19", "hcid": "US111222333444555666",
            "pha": "wA69g8VD512TfTTdkTNSsG", "centre": "Vaccination Site", "lot": "PT123F", "date": "2021-07-08",
            "dose": 2, "total_doses": 2, "valid_from": "2021-07-08", "valid_until": "2022-07-08",
            "vaccine": {"code": "1119349007", "system": "http://snomed.info/sct"},
            "brand": {"code": "TEST", "system": "http://example.invalid"},
            "manufacturer": {"code": "TEST", "system": "http://example.invalid"},
            "country": {"code": "USA", "system": "urn:iso:std:iso:3166"},
            "disease": {"code": "840539006", "system": "http://snomed.info/sct"},
        })
    }

    struct Issuer {
        key: aws_lc_rs::signature::EcdsaKeyPair,
    }

    impl Issuer {
        fn text(&self, content: &Value) -> String {
            let protected = map(&[(vec![1], ES256.to_vec()), (vec![4], bytes(b"key id 1"))]);
            hc1(&object(&protected, &encoded(content), &self.key))
        }

        fn trust(&self, usages: Usages) -> Trust {
            let mut trust = Trust::nobody();
            let grant = Grant { usages, ..Grant::unbounded(Owner::Country(*b"US"), Some(Container::Hcert)) };
            trust.add_key(b"key id 1", PublicKey::from_jwk(&jwk(&self.key)).unwrap(), grant);
            trust
        }

        fn outcome(&self, content: &Value, at: &str) -> &'static str {
            let found = verify(&self.text(content), None, &self.trust(Usages::ALL), Timestamp::parse(at).unwrap());
            found.map_or_else(Refusal::code, |found| found.meaning.word().word())
        }
    }

    const WITHIN: &str = "2021-12-01T00:00:00Z";

    /// Source: `DDCCVSCoreDataSetQuestionnaire` and the invariant `who-ddcc-data-1`.
    #[test]
    fn a_certificate_has_what_the_core_data_set_demands() {
        let issuer = Issuer { key: signer() };
        assert_eq!(issuer.outcome(&content(), WITHIN), "vaccinated");
        let check = |field: &str, value: Option<Value>, expected: &str| {
            let mut content = content();
            content.as_object_mut().unwrap().remove(field);
            if let Some(value) = &value {
                content[field] = value.clone();
            }
            assert_eq!(issuer.outcome(&content, WITHIN), expected, "{field}: {value:?}");
        };
        for field in
            ["name", "lot", "centre", "pha", "hcid", "date", "dose", "vaccine", "brand", "country", "manufacturer"]
        {
            check(field, None, "schema_invalid");
            check(field, Some(Value::Null), "schema_invalid");
            check(field, Some(json!({})), "schema_invalid");
            check(field, Some(json!("")), "schema_invalid");
        }
        for field in ["birthDate", "valid_from", "valid_until"] {
            check(field, None, "vaccinated");
            check(field, Some(json!(7)), "schema_invalid");
        }
        check("total_doses", None, "unknown");
        check("disease", None, "unknown");
        check("disease", Some(json!({"code": "6142004"})), "unknown");
        check("disease", Some(json!("840539006")), "schema_invalid");
        for (system, code) in [
            ("http://snomed.info/sct", "nonsense"),
            ("http://snomed.info/sct", "840539006"),
            ("http://example.invalid", "1119349007"),
            ("http://snomed.info/sct", "XM8NQ0"),
        ] {
            check("vaccine", Some(json!({"system": system, "code": code})), "unknown");
        }
        check("vaccine", Some(json!({"code": "1119349007"})), "unknown");
        for system in ["http://id.who.int/icd11/mms", "http://id.who.int/icd/release/11/mms"] {
            check("vaccine", Some(json!({"system": system, "code": "XM8NQ0"})), "vaccinated");
        }
        check("dose", Some(json!(0)), "schema_invalid");
        check("dose", Some(json!("2")), "schema_invalid");
        check("dose", Some(json!(1)), "unknown");
        check("date", Some(json!("July")), "schema_invalid");
        check("valid_until", Some(json!("2021-02-30")), "schema_invalid");
        let mut by_holder = content();
        by_holder["ma_holder"] = by_holder["manufacturer"].take();
        assert_eq!(issuer.outcome(&by_holder, WITHIN), "vaccinated");
        assert_eq!(issuer.outcome(&json!({"x": 1}), WITHIN), "schema_invalid", "any map with a name in it");
    }

    /// Both lie in one container, and whoever asks for one does not get the other.
    #[test]
    fn a_format_that_is_asked_for_is_the_one_that_counts() {
        let issuer = Issuer { key: signer() };
        let texts = [(Format::Ddcc, issuer.text(&content())), (Format::Dcc, dcc("US", b"key id 1", &issuer.key))];
        for (own, text) in &texts {
            for asked in [None, Some(Format::Dcc), Some(Format::Ddcc)] {
                let is_own = asked.is_none_or(|asked| asked == *own);
                let expected = if is_own { Ok(*own) } else { Err(Refusal::ClaimsInvalid) };
                let at = Timestamp::from_millis(NOW * 1000);
                let at = if *own == Format::Dcc { at } else { Timestamp::parse(WITHIN).unwrap() };
                let found = verify(text, asked, &issuer.trust(Usages::ALL), at).map(|found| found.format);
                assert_eq!(found, expected, "{own:?} asked for as {asked:?}");
                assert_eq!(inspect(text, asked).map(|found| found.format), expected, "{own:?} inspected as {asked:?}");
            }
        }
    }

    #[test]
    fn the_term_of_the_content_counts_from_its_first_day_to_its_last() {
        let issuer = Issuer { key: signer() };
        for (at, expected) in [
            ("2021-07-07T23:59:59Z", "not_yet_valid"),
            ("2021-07-08T00:00:00Z", "vaccinated"),
            ("2022-07-08T23:59:59Z", "vaccinated"),
            ("2022-07-09T00:00:00Z", "expired"),
        ] {
            assert_eq!(issuer.outcome(&content(), at), expected, "{at}");
        }
    }

    /// Source: the electronic health certificate specification of the WHO's network, appendix A.2.
    #[test]
    fn the_key_is_one_for_vaccinations_and_revocation_goes_by_the_signature() {
        let issuer = Issuer { key: signer() };
        let text = issuer.text(&content());
        let judged = |trust: &Trust| {
            let found = verify(&text, None, trust, Timestamp::parse(WITHIN).unwrap());
            found.map_or_else(Refusal::code, |_| "valid")
        };
        for (usages, expected) in [
            (Usages { vaccination: true, ..Usages::NONE }, "valid"),
            (Usages { test: true, recovery: true, ..Usages::NONE }, "key_usage_wrong"),
            (Usages::NONE, "key_usage_wrong"),
        ] {
            assert_eq!(judged(&issuer.trust(usages)), expected, "{usages:?}");
        }
        let object = yima_statement::dcc::unpack(&text).unwrap();
        let list = |kind: &str, content: &[u8]| {
            let hash = Base64::encode_string(&sha256(content)[..16]);
            let key_id = Base64::encode_string(b"key id 1");
            let list = json!({"kid": key_id, "hashType": kind, "entries": [{"hash": hash}]});
            let mut trust = issuer.trust(Usages::ALL);
            trust.add_certificate_revocations(Revocations::read(&list).unwrap());
            judged(&trust)
        };
        assert_eq!(list("SIGNATURE", &object[object.len() - 64..object.len() - 32]), "revoked");
        assert_eq!(list("UCI", b"US111222333444555666"), "valid");
    }

    #[test]
    fn the_sample_of_the_validator_has_the_data_set() {
        let Some(folder) = vectors("who-ddcc-validator") else { return };
        let sample = read(&folder.join("WHOQR1Unpacked.json"));
        let read = inspect(&read_text(&folder.join("WHOQR1Contents.txt")), None).unwrap();
        assert_eq!(read.format, Format::Ddcc);
        assert_eq!(read.content.reveal(), &sample);
        let issuer = Issuer { key: signer() };
        // Its dose is the first of two.
        assert_eq!(issuer.outcome(&sample, WITHIN), "unknown");
    }
}
