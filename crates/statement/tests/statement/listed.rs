//! What health certificates and seals mean: only what the value sets of their formats name.

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use serde_json::{Value, json};
    use yima_model::Timestamp;
    use yima_statement::key::PublicKey;
    use yima_statement::trust::{Grant, Owner};
    use yima_statement::{Statement, Trust, verify};

    use crate::signing::{Subject, certificate, jwk, signer};
    use crate::tokens::{NOW, content, dcc_of};

    /// What a valid certificate with these groups says.
    fn of_dcc(groups: &Value) -> Statement {
        let key = signer();
        let mut trust = Trust::nobody();
        trust.add_key(b"key id 1", PublicKey::from_jwk(&jwk(&key)).unwrap(), Grant::unbounded(Owner::Anyone, None));
        let text = dcc_of(content(groups), "AT", b"key id 1", &key);
        verify(&text, None, &trust, Timestamp::from_millis(NOW * 1000)).unwrap()
    }

    /// What a valid seal of this type with this message says.
    fn of_seal(kind: &str, message: Value) -> Statement {
        let key = signer();
        let own = Subject { name: "DSC", country: Some("AU"), ..Subject::default() };
        let der = certificate(&own, &key, (&own, &key));
        let mut trust = Trust::nobody();
        trust.pin_certificate(&der).unwrap();
        let data = json!({"hdr": {"t": kind, "v": 1, "is": "AUS"}, "msg": message});
        let signature = key.sign(&SystemRandom::new(), data.to_string().as_bytes()).unwrap();
        let [der, signature] = [der.as_slice(), signature.as_ref()].map(Base64UrlUnpadded::encode_string);
        let text = json!({"data": data, "sig": {"alg": "ES256", "cer": der, "sigvl": signature}}).to_string();
        verify(&text, None, &trust, Timestamp::from_millis(NOW * 1000)).unwrap()
    }

    fn said(statement: &Statement) -> (&'static str, Option<String>) {
        (statement.meaning.word().word(), statement.meaning.doubt().map(|doubt| doubt.to_string()))
    }

    fn check(found: &Statement, unlisted: &str) {
        let doubt = format!("no list has the code in `{unlisted}`");
        assert_eq!(said(found), ("unknown", Some(doubt)), "{:?}", found.content.reveal());
        assert!(found.fact().is_none());
    }

    fn test() -> Value {
        json!({
            "tg": "840539006", "tt": "LP6464-4", "sc": "2023-11-01T08:00:00Z", "tr": "260415000", "co": "AT",
            "is": "Ministry", "ci": "URN:UVCI:01:AT:1#A",
        })
    }

    fn vaccination() -> Value {
        json!({
            "tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2,
            "dt": "2021-06-01", "co": "AT", "is": "Ministry", "ci": "URN:UVCI:01:AT:1#A",
        })
    }

    fn with(mut entry: Value, field: &str, code: &str) -> Value {
        entry[field] = code.into();
        entry
    }

    /// Source: the value sets `covid-19-lab-test-type`, `covid-19-lab-result` and `disease-agent-targeted`.
    #[test]
    fn a_test_of_an_unlisted_kind_is_no_negative_test() {
        // Unknown, empty, antibodies in LOINC as a part and as a test, what is listed for cards alone, another spelling.
        for kind in ["a test", "", "LP418019-8", "94562-6", "94500-6", "lp6464-4", "LP6464-4 ", "LP6464"] {
            check(&of_dcc(&json!({"t": [with(test(), "tt", kind)]})), "tt");
        }
        for result in ["negative", "", "260385009", "260415000 "] {
            check(&of_dcc(&json!({"t": [with(test(), "tr", result)]})), "tr");
        }
        check(&of_dcc(&json!({"t": [with(test(), "tg", "6142004")]})), "tg");
        let positive = of_dcc(&json!({"t": [with(test(), "tr", "260373001")]}));
        assert_eq!(said(&positive), ("unknown", None), "a listed result that means nothing here");
        for kind in ["LP6464-4", "LP217198-3"] {
            assert_eq!(said(&of_dcc(&json!({"t": [with(test(), "tt", kind)]}))), ("tested-negative", None));
        }
    }

    /// Source: the value sets `sct-vaccines-covid-19` and `vaccines-covid-19-names`.
    #[test]
    fn a_dose_of_an_unlisted_vaccine_is_no_vaccination() {
        for kind in ["nonsense", "", "1119349007 ", "840539006", "J07BB02"] {
            check(&of_dcc(&json!({"v": [with(vaccination(), "vp", kind)]})), "vp");
        }
        for product in ["nonsense", "", "EU/1/20/1529", "eu/1/20/1528", "Comirnaty"] {
            check(&of_dcc(&json!({"v": [with(vaccination(), "mp", product)]})), "mp");
        }
        check(&of_dcc(&json!({"v": [with(vaccination(), "tg", "6142004")]})), "tg");
        for (kind, product) in [("1119349007", "EU/1/20/1528"), ("J07BX03", "CoronaVac")] {
            let entry = with(with(vaccination(), "vp", kind), "mp", product);
            assert_eq!(said(&of_dcc(&json!({"v": [entry]}))), ("vaccinated", None));
        }
        let mut first = vaccination();
        first["dn"] = 1.into();
        assert_eq!(said(&of_dcc(&json!({"v": [first]}))), ("unknown", None), "an unfinished series");
    }

    /// Source: ICAO, the data set of testing, `tr.tc`.
    #[test]
    fn a_seal_of_a_test_for_antibodies_is_no_negative_test() {
        let sealed = |kind: Value| {
            let message = json!({"tr": {"tc": kind, "r": "negative"}, "dat": {"sc": "2023-11-01T08:00:00Z"}});
            of_seal("icao.test", message)
        };
        for kind in ["antibody", "Antigen", "PCR", ""] {
            check(&sealed(kind.into()), "msg.tr.tc");
        }
        check(&sealed(Value::Null), "msg.tr.tc");
        for kind in ["molecular(PCR)", "molecular(other)", "antigen"] {
            assert_eq!(said(&sealed(kind.into())), ("tested-negative", None), "{kind}");
        }
    }

    /// A fact of a later time would stand in a timeline that nobody has lived.
    #[test]
    fn what_is_still_to_come_means_nothing_yet() {
        const LATER: (&str, Option<&str>) = ("unknown", Some("what it says is of a later time"));
        let at = |millis: i64| Timestamp::from_millis(NOW * 1000 + millis).to_string();
        let judged = |groups: Value, expected: (&str, Option<&str>)| {
            let found = of_dcc(&groups);
            assert_eq!(said(&found), (expected.0, expected.1.map(str::to_owned)), "{groups}");
            assert_eq!(found.fact().is_some(), expected.1.is_none());
        };
        for (time, expected) in [
            (at(1), LATER),
            (at(86_400_000), LATER),
            (at(0), ("tested-negative", None)),
            (at(-1), ("tested-negative", None)),
        ] {
            judged(json!({"t": [with(test(), "sc", &time)]}), expected);
        }
        for (day, expected) in [("2023-11-15", LATER), ("2099-01-01", LATER), ("2023-11-14", ("vaccinated", None))] {
            judged(json!({"v": [with(vaccination(), "dt", day)]}), expected);
        }
        let message = json!({"tr": {"tc": "antigen", "r": "negative"}, "dat": {"sc": at(1)}});
        assert_eq!(said(&of_seal("icao.test", message)).0, "unknown");
    }
}
