//! What no input may do: panic, take long, or count with anything changed.

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::EcdsaKeyPair;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use proptest::prelude::*;
    use serde_json::json;
    use yima_credential::{sha256, signed_bytes};
    use yima_model::Timestamp;
    use yima_statement::dcc::Signed;
    use yima_statement::dcc::revocation::Revocations;
    use yima_statement::key::PublicKey;
    use yima_statement::trust::{Container, Grant, KEYS_PER_ID_MAX, Owner};
    use yima_statement::{Format, Refusal, Trust, inspect, verify};

    use crate::signing::{jwk, signer};
    use crate::tokens::{ES256, NOW, array, bytes, hc1 as qr, map, text, vaccination, word};

    const KEY_ID: [u8; 8] = *b"key id 1";

    fn public(signer: &EcdsaKeyPair) -> PublicKey {
        PublicKey::from_jwk(&jwk(signer)).unwrap()
    }

    fn trusting(signers: &[&EcdsaKeyPair]) -> Trust {
        let mut trust = Trust::nobody();
        for signer in signers {
            trust.add_key(&KEY_ID, public(signer), Grant::unbounded(Owner::Country(*b"AT"), Some(Container::Hcert)));
        }
        trust
    }

    fn claims(content: Vec<u8>) -> Vec<u8> {
        let container = map(&[(vec![1], content)]);
        map(&[
            (vec![1], text("AT")),
            (vec![4], word(NOW + 1000)),
            (vec![6], word(NOW - 1000)),
            (vec![0x39, 0x01, 0x03], container),
        ])
    }

    fn header(algorithm: &[u8]) -> Vec<u8> {
        map(&[(vec![1], algorithm.to_vec()), (vec![4], [vec![0x48], KEY_ID.to_vec()].concat())])
    }

    /// A signed object; the signature is over these very bytes.
    fn signed(protected: &[u8], unprotected: &[u8], payload: &[u8], signer: &EcdsaKeyPair) -> Vec<u8> {
        let signature = signer.sign(&SystemRandom::new(), &signed_bytes(protected, payload)).unwrap();
        [vec![0xd2, 0x84], bytes(protected), unprotected.to_vec(), bytes(payload), bytes(signature.as_ref())].concat()
    }

    fn check(object: &[u8], trust: &Trust, expected: &str) {
        let found = verify(&qr(object), None, trust, Timestamp::from_millis(NOW * 1000));
        assert_eq!(found.map_or_else(Refusal::code, |_| "valid"), expected);
    }

    #[test]
    fn headers_cannot_choose_algorithm_or_key() {
        let (signer, other) = (signer(), signer());
        let trust = trusting(&[&signer]);
        let payload = claims(vaccination(2));
        let object = |protected: &[u8], unprotected: &[u8]| signed(protected, unprotected, &payload, &signer);
        check(&object(&header(ES256), &[0xa0]), &trust, "valid");
        check(&object(&header(ES256), &map(&[(vec![4], text("other"))])), &trust, "valid");
        check(&object(&header(ES256), &map(&[(vec![1], vec![0x05])])), &trust, "valid");
        let without_algorithm = map(&[(vec![4], [vec![0x48], KEY_ID.to_vec()].concat())]);
        check(&object(&without_algorithm, &map(&[(vec![1], ES256.to_vec())])), &trust, "algorithm_missing");
        for (algorithm, expected) in [
            (vec![0x05], "algorithm_wrong"),
            (vec![0x38, 0x24], "algorithm_wrong"),
            (vec![0x38, 0x22], "algorithm_wrong"),
            (vec![0x27], "algorithm_wrong"),
            (vec![0x00], "algorithm_wrong"),
            (text("ES256"), "algorithm_wrong"),
        ] {
            check(&object(&header(&algorithm), &[0xa0]), &trust, expected);
        }
        let critical = map(&[(vec![1], ES256.to_vec()), (vec![2], vec![0x81, 0x03]), (vec![4], text("k"))]);
        check(&object(&critical, &[0xa0]), &trust, "critical_unknown");
        let keyless = map(&[(vec![1], ES256.to_vec())]);
        check(&object(&keyless, &[0xa0]), &trust, "key_id_missing");
        check(&object(&keyless, &map(&[(vec![4], [vec![0x48], KEY_ID.to_vec()].concat())])), &trust, "valid");
        // What no signature covers can make nothing critical, and stands in for no id of another type (RFC 9052, section 3.1).
        let own_id = || map(&[(vec![4], [vec![0x48], KEY_ID.to_vec()].concat())]);
        for critical in [vec![0x81, 0x03], vec![0x80], vec![0xf6]] {
            check(&object(&header(ES256), &map(&[(vec![2], critical)])), &trust, "critical_unknown");
        }
        for mistyped in
            [vec![0x01], vec![0xf6], vec![0x80], array(&[[vec![0x48], KEY_ID.to_vec()].concat()]), vec![0xf5]]
        {
            let protected = map(&[(vec![1], ES256.to_vec()), (vec![4], mistyped.clone())]);
            check(&object(&protected, &own_id()), &trust, "key_id_missing");
            check(&object(&keyless, &map(&[(vec![4], mistyped)])), &trust, "key_id_missing");
        }
        let twice = map(&[(vec![1], ES256.to_vec()), (vec![0x18, 0x01], vec![0x05]), (vec![4], text("k"))]);
        check(&object(&twice, &[0xa0]), &trust, "duplicate_key");
        check(&object(&header(ES256), &[0xa0]), &trusting(&[&other]), "signature_invalid");
        check(&object(&header(ES256), &[0xa0]), &Trust::nobody(), "key_unknown");
    }

    /// Two verifiers that take another one of two values would give another answer each.
    #[test]
    fn a_field_that_stands_twice_is_refused_however_it_is_written() {
        let signer = signer();
        let trust = trusting(&[&signer]);
        let short = |name: &str| [vec![0x60 + name.len() as u8], name.as_bytes().to_vec()].concat();
        let long = |name: &str| [vec![0x79, 0x00, name.len() as u8], name.as_bytes().to_vec()].concat();
        let pieces = |name: &str| [vec![0x7f], short(name), vec![0xff]].concat();
        let object = |content: Vec<u8>| signed(&header(ES256), &[0xa0], &claims(content), &signer);
        let entry = |more: &[(Vec<u8>, Vec<u8>)]| {
            let fields = [
                ("tg", text("840539006")),
                ("vp", text("1119349007")),
                ("mp", text("EU/1/20/1528")),
                ("ma", text("ORG-100030215")),
                ("dn", vec![0x01]),
                ("sd", vec![0x02]),
                ("dt", text("2021-06-01")),
                ("co", text("AT")),
                ("is", text("Ministry")),
                ("ci", text("URN:UVCI:01:AT:1#A")),
            ];
            let fields = fields.map(|(name, value)| (short(name), value));
            map(&[&fields, more].concat())
        };
        let content = |entry: Vec<u8>, more: &[(Vec<u8>, Vec<u8>)]| {
            let groups = [
                (short("ver"), text("1.3.0")),
                (short("nam"), map(&[(short("fnt"), text("MUSTER"))])),
                (short("dob"), text("1990")),
                (short("v"), [vec![0x81], entry].concat()),
            ];
            map(&[&groups, more].concat())
        };
        check(&object(content(entry(&[]), &[])), &trust, "valid");
        for again in [&short as &dyn Fn(&str) -> Vec<u8>, &long, &pieces] {
            check(&object(content(entry(&[(again("dn"), vec![0x02])]), &[])), &trust, "duplicate_key");
            let whole = [vec![0x81], entry(&[])].concat();
            check(&object(content(entry(&[]), &[(again("v"), whole)])), &trust, "duplicate_key");
        }
    }

    #[test]
    fn an_id_with_many_keys_costs_few_verifications() {
        let signers: Vec<EcdsaKeyPair> = (0..=KEYS_PER_ID_MAX).map(|_| signer()).collect();
        let object = signed(&header(ES256), &[0xa0], &claims(vaccination(2)), &signers[0]);
        let all: Vec<&EcdsaKeyPair> = signers.iter().collect();
        check(&object, &trusting(&all[..KEYS_PER_ID_MAX]), "valid");
        check(&object, &trusting(&all), "key_id_ambiguous");
        let copies: Vec<&EcdsaKeyPair> = std::iter::repeat_n(&signers[0], 288).collect();
        let trust = trusting(&copies);
        assert_eq!(trust.keys(), 1);
        check(&object, &trust, "valid");
    }

    #[test]
    fn keys_of_others_under_the_same_id_take_nothing_away() {
        let (signer, payload, header) = (signer(), claims(vaccination(2)), header(ES256));
        let object = signed(&header, &[0xa0], &payload, &signer);
        let mut trust = trusting(&[&signer]);
        for country in [*b"DE", *b"FR", *b"IT", *b"ES", *b"PL", *b"NL"] {
            let other = crate::signing::signer();
            trust.add_key(&KEY_ID, public(&other), Grant::unbounded(Owner::Country(country), Some(Container::Hcert)));
        }
        check(&object, &trust, "valid");
    }

    #[test]
    fn a_key_signs_what_its_list_is_of() {
        let signer = signer();
        let object = signed(&header(ES256), &[0xa0], &claims(vaccination(2)), &signer);
        for (container, expected) in [
            (None, "valid"),
            (Some(Container::Hcert), "valid"),
            (Some(Container::Card), "key_usage_wrong"),
            (Some(Container::Pass), "key_usage_wrong"),
        ] {
            for owner in [Owner::Country(*b"AT"), Owner::Anyone] {
                let mut trust = Trust::nobody();
                trust.add_key(&KEY_ID, public(&signer), Grant::unbounded(owner, container));
                check(&object, &trust, expected);
            }
        }
    }

    #[test]
    fn claims_stand_once_and_the_term_has_both_ends() {
        let signer = signer();
        let trust = trusting(&[&signer]);
        let object = |payload: &[u8]| signed(&header(ES256), &[0xa0], payload, &signer);
        let container = map(&[(vec![1], vaccination(2))]);
        let with = |entries: &[(Vec<u8>, Vec<u8>)]| {
            object(&map(&[entries, &[(vec![0x39, 0x01, 0x03], container.clone())]].concat()))
        };
        check(&with(&[(vec![4], word(NOW)), (vec![6], word(NOW))]), &trust, "valid");
        check(&with(&[(vec![4], word(NOW - 1)), (vec![6], word(NOW - 9))]), &trust, "expired");
        check(&with(&[(vec![4], word(NOW + 9)), (vec![6], word(NOW + 1))]), &trust, "not_yet_valid");
        check(&with(&[(vec![6], word(NOW))]), &trust, "claims_invalid");
        check(&with(&[(vec![4], text("later")), (vec![6], word(NOW))]), &trust, "claims_invalid");
        let longer = vec![0x18, 0x04];
        check(
            &with(&[(vec![4], word(NOW - 1)), (longer, word(NOW + 9)), (vec![6], word(NOW))]),
            &trust,
            "duplicate_key",
        );
        check(&with(&[(vec![4], word(NOW)), (vec![4], word(NOW)), (vec![6], word(NOW))]), &trust, "duplicate_key");
        check(&with(&[(vec![1], text("DE")), (vec![4], word(NOW)), (vec![6], word(NOW))]), &trust, "issuer_wrong");
        check(&object(&claims(vaccination(0))), &trust, "schema_invalid");
        check(&object(&[0xa0]), &trust, "claims_invalid");
        check(&object(&[0x80]), &trust, "claims_invalid");
    }

    #[test]
    fn a_revoked_certificate_does_not_count_whatever_its_s() {
        let signer = signer();
        let object = signed(&header(ES256), &[0xa0], &claims(vaccination(2)), &signer);
        let r = &object[object.len() - 64..object.len() - 32];
        let batch = |kind: &str, key_id: &[u8], content: &[u8]| {
            let hash = Base64UrlUnpadded::encode_string(&sha256(content)[..16]);
            let key_id = Base64UrlUnpadded::encode_string(key_id);
            Revocations::read(&json!({"kid": key_id, "hashType": kind, "entries": [{"hash": hash}]})).unwrap()
        };
        let check_list = |list: Revocations, expected| {
            let mut trust = trusting(&[&signer]);
            trust.add_certificate_revocations(list);
            check(&object, &trust, expected);
        };
        check_list(batch("UCI", &KEY_ID, b"URN:UVCI:01:AT:1#A"), "revoked");
        check_list(batch("COUNTRYCODEUCI", &KEY_ID, b"ATURN:UVCI:01:AT:1#A"), "revoked");
        check_list(batch("SIGNATURE", &KEY_ID, r), "revoked");
        check_list(batch("SIGNATURE", &KEY_ID, &object[object.len() - 64..]), "valid");
        check_list(batch("UCI", b"another!", b"URN:UVCI:01:AT:1#A"), "valid");
        check_list(batch("UCI", &KEY_ID, b"ATURN:UVCI:01:AT:1#A"), "valid");
        // Filters: one whose every bit is set has everything, and the first bytes of the hash are part of it.
        let filter = |kind: &str, hash_kind: &str, filter: &[u8]| {
            let (key_id, filter) =
                (Base64UrlUnpadded::encode_string(&KEY_ID), Base64UrlUnpadded::encode_string(filter));
            Revocations::read(&json!({"kid": key_id, "hashType": hash_kind, "type": kind, "data": filter})).unwrap()
        };
        let head = [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 9, 0, 0, 0, 1];
        check_list(filter("BLOOMFILTER", "UCI", &[head.as_slice(), &[0xff; 4]].concat()), "revoked");
        check_list(filter("BLOOMFILTER", "UCI", &[head.as_slice(), &[0; 4]].concat()), "valid");
        let hash = sha256(b"URN:UVCI:01:AT:1#A");
        let parts = |part: &[u8]| [&[0; 10], [part.len() as u8].as_slice(), part].concat();
        check_list(filter("VARHASHLIST", "UCI", &parts(&hash[..5])), "revoked");
        check_list(filter("VARHASHLIST", "COUNTRYCODEUCI", &parts(&hash[..5])), "valid");
    }

    #[test]
    fn bombs_are_refused_early() {
        let trust = Trust::nobody();
        check(&[0x81].repeat(60_000), &trust, "too_deep");
        check(&[[0x9f].repeat(60_000), vec![0xff]].concat(), &trust, "too_deep");
        check(&[0xc1].repeat(60_000), &trust, "too_deep");
        check(&[vec![0x99, 0xff, 0xff], vec![0x00; 0xffff]].concat()[..60_000], &trust, "too_many_items");
        check(&[0x5a, 0xff, 0xff, 0xff, 0xff], &trust, "truncated");
        check(&[0x00].repeat(70_000), &trust, "too_large");
        let long = format!("HC1:{}", "0".repeat(5000));
        let now = Timestamp::from_millis(0);
        assert_eq!(verify(&long, None, &trust, now).unwrap_err(), Refusal::Oversized);
        let nested = format!("{{\"data\":{}{},\"sig\":1}}", "[".repeat(4000), "]".repeat(4000));
        assert_eq!(verify(&nested, Some(Format::VdsNc), &trust, now).unwrap_err(), Refusal::JsonInvalid);
        let parts = vec!["shc:/1/99/00"; 1000].join("\n");
        assert_eq!(verify(&parts, None, &trust, now).unwrap_err(), Refusal::PartsInvalid);
    }

    proptest! {
        #[test]
        fn no_change_of_a_byte_counts(index in 0..10_000_usize, flip in 1..=255_u8) {
            let signer = signer();
            let mut object = signed(&header(ES256), &[0xa0], &claims(vaccination(2)), &signer);
            let index = index % object.len();
            object[index] ^= flip;
            let found = verify(&qr(&object), None, &trusting(&[&signer]), Timestamp::from_millis(NOW * 1000));
            // The tags and the unprotected header are under no signature, and decide nothing.
            let outcome = found.map(|found| found.meaning.word().word());
            prop_assert!(outcome.is_err() || outcome == Ok("vaccinated"));
            if index > 2 && index < 30 {
                prop_assert!(outcome.is_err());
            }
        }

        #[test]
        fn any_object_is_read_without_panic(object: Vec<u8>) {
            if let Ok(signed) = Signed::parse(&object) {
                drop(signed.claims());
            }
            drop(inspect(&qr(&object), None));
        }

        #[test]
        fn any_text_is_refused_without_panic(
            prefix in "(HC1:|NZCP:/1/|shc:/|shc:/1/2/|eyJ|B64:|\\{\"data\":|\\{\"verifiableCredential\":\\[\"|)",
            body in "[ -~]{0,200}|[0-9A-Z $%*+./:-]{0,200}|[0-9]{0,200}|[A-Z2-7]{0,200}|\\PC{0,50}",
        ) {
            let text = format!("{prefix}{body}");
            prop_assert!(verify(&text, None, &Trust::nobody(), Timestamp::from_millis(0)).is_err());
            for format in Format::ALL {
                prop_assert!(verify(&text, Some(format), &Trust::nobody(), Timestamp::from_millis(0)).is_err());
            }
        }

        #[test]
        fn any_certificate_is_read_without_panic(der: Vec<u8>, cut in 0..400_usize) {
            let mut trust = Trust::nobody();
            prop_assert!(trust.add_certificate(&der).is_err());
            let framed = [vec![0x30, 0x82, 0x01, 0x00, 0x30, 0x81, 0x80], der].concat();
            prop_assert!(trust.add_certificate(&framed[..cut.min(framed.len())]).is_err());
        }
    }
}
