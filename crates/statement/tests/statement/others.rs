//! New Zealand's passes, ICAO's seals, WHO's certificates and trust lists, and the collections of two verifiers.

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use base64ct::{Base64UrlUnpadded, Encoding};
    use serde_json::{Value, json};
    use yima_model::Timestamp;
    use yima_model::fact::StatementMeaning;
    use yima_statement::x509::Certificate;
    use yima_statement::{Format, Refusal, Trust, inspect, verify};

    use crate::signing::{Subject, certificate, jwk, signer};
    use crate::support::{Account, clock, files, json as read, text as read_text, vectors};
    use crate::tokens::{ES256, NOW, array, bytes, claims, credential, dcc, map, nzcp, object, text, word};

    const WITHIN: &str = "2022-01-01T00:00:00Z";

    fn outcome(text: &str, trust: &Trust, at: &str) -> &'static str {
        verify(text, None, trust, clock(at)).map_or_else(Refusal::code, |_| "valid")
    }

    #[test]
    fn passes_are_judged_as_the_specification_says() {
        let Some(folder) = vectors("nzcp/examples") else { return };
        let mut trust = Trust::nobody();
        assert_eq!(trust.add_did_document(&read(&folder.join("valid/did.json"))), []);
        let mut account = Account::default();
        for path in files(&folder, ".txt") {
            let (name, pass) = (path.file_name().unwrap().to_string_lossy().into_owned(), read_text(&path));
            if !pass.starts_with("NZCP:/") {
                continue;
            }
            let expected = match name.as_str() {
                "nzcp.txt" => "valid",
                "nzcp-expired-payload.txt" => "expired",
                "nzcp-not-active-payload.txt" => "not_yet_valid",
                "nzcp-not-associated-key.txt" | "nzcp-revoked-public-key.txt" => "key_unknown",
                _ => "signature_invalid",
            };
            let found = outcome(&pass, &trust, WITHIN);
            let another = found != "valid" && expected != "valid" && !matches!(expected, "expired" | "not_yet_valid");
            account.note(&format!("{name}: {found}"), "verification", found == expected || another);
        }
        let valid = read_text(&folder.join("valid/nzcp.txt"));
        for (at, expected) in [
            (1_635_883_529, "not_yet_valid"),
            (1_635_883_530, "valid"),
            (1_951_416_329, "valid"),
            (1_951_416_330, "expired"),
        ] {
            let at = Timestamp::from_millis(at * 1000).to_string();
            account.note(&at, "term", outcome(&valid, &trust, &at) == expected);
        }
        account.note("nobody", "trust", outcome(&valid, &Trust::nobody(), WITHIN) == "issuer_unknown");
        account.note(
            "untagged",
            "format",
            outcome(&valid.replacen("/1/", "/2/", 1), &trust, WITHIN) == "format_unknown",
        );
        account.close("nzcp", 8, |_, _| None);
    }

    #[test]
    fn seals_count_by_their_signer_or_its_authority() {
        let Some(folder) = vectors("") else { return };
        let mut account = Account::default();
        let seals = files(&folder.join("khealthcertificate/icao"), ".txt").into_iter();
        let seals = seals.chain(files(&folder.join("who-ddcc-validator"), "Contents.txt"));
        for path in seals {
            let (name, seal) = (path.file_name().unwrap().to_string_lossy().into_owned(), read_text(&path));
            if Format::of(&seal) != Some(Format::VdsNc) {
                continue;
            }
            let value: Value = serde_json::from_str(&seal).unwrap();
            let name = format!("{name} of {}", value["data"]["hdr"]["is"].as_str().unwrap());
            let mut trust = Trust::nobody();
            account.note(&name, "untrusted", outcome(&seal, &trust, WITHIN) == "signer_untrusted");
            let signer = base64url(value["sig"]["cer"].as_str().unwrap());
            let mut pinning = Trust::nobody();
            pinning.pin_certificate(&signer).unwrap();
            account.note(&name, "pinned", outcome(&seal, &pinning, WITHIN) == "valid");
            account.note(&name, "after, pinned", outcome(&seal, &pinning, "2099-01-01T00:00:00Z") == "expired");
            trust.add_certificate(&signer).unwrap();
            account.note(&name, "trusted", outcome(&seal, &trust, WITHIN) == "valid");
            account.note(&name, "after", outcome(&seal, &trust, "2099-01-01T00:00:00Z") == "expired");
            let changed = seal.replacen("\"hdr\":{", "\"hdr\":{\"x\":1,", 1);
            account.note(&name, "changed", outcome(&changed, &trust, WITHIN) == "signature_invalid");
            let later = seal.replacen("\"v\":1", "\"v\":2", 1);
            account.note(
                &name,
                "another version",
                later != seal && outcome(&later, &trust, WITHIN) == "claims_invalid",
            );
        }
        account.close("ICAO seals", 7, |case, check| {
            let is_utopian = case.ends_with(" of UTO") && matches!(check, "trusted" | "after");
            is_utopian.then_some("a seal of Utopia by a signer of France: the issuer is the state of the signer")
        });
    }

    /// Source: ICAO, the data sets of health travel, and the profile of the signer's certificate.
    #[test]
    fn a_seal_is_its_signers_and_for_its_type() {
        const SEALS: &[u8] = &[0x67, 0x81, 0x08, 0x01, 0x01, 0x0e, 0x02];
        const VACCINATIONS: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x8e, 0x37, 0x8f, 0x65, 0x01, 0x02];
        let (key, root_key) = (signer(), signer());
        let root = Subject { name: "CSCA", country: Some("AU"), is_authority: true, ..Subject::default() };
        let mut trust = Trust::nobody();
        trust.add_certificate(&certificate(&root, &root_key, (&root, &root_key))).unwrap();
        let seal = |subject: &Subject, header: Value, algorithm: &str, message: &Value| {
            let der = certificate(subject, &key, (&root, &root_key));
            let mut data = json!({"hdr": header});
            if !message.is_null() {
                data["msg"] = message.clone();
            }
            let signature = key.sign(&SystemRandom::new(), data.to_string().as_bytes()).unwrap();
            let [der, signature] = [der.as_slice(), signature.as_ref()].map(Base64UrlUnpadded::encode_string);
            outcome(
                &json!({"data": data, "sig": {"alg": algorithm, "cer": der, "sigvl": signature}}).to_string(),
                &trust,
                WITHIN,
            )
        };
        let judged = |subject: &Subject, header: Value, algorithm: &str| seal(subject, header, algorithm, &json!({}));
        let header = |is: &str, kind: &str| json!({"t": kind, "v": 1, "is": is});
        let own = Subject { name: "DSC", country: Some("AU"), ..Subject::default() };
        let check_header =
            |name: &str, header: Value, expected: &str| assert_eq!(judged(&own, header, "ES256"), expected, "{name}");
        check_header("as it is", header("AUS", "icao.vacc"), "valid");
        for (name, changed) in [
            ("version 2", json!({"t": "icao.vacc", "v": 2, "is": "AUS"})),
            ("version 0", json!({"t": "icao.vacc", "v": 0, "is": "AUS"})),
            ("a text for a version", json!({"t": "icao.vacc", "v": "1", "is": "AUS"})),
            ("no version", json!({"t": "icao.vacc", "is": "AUS"})),
            ("no issuer", json!({"t": "icao.vacc", "v": 1})),
            ("another type", header("AUS", "icao.visa")),
        ] {
            check_header(name, changed, "claims_invalid");
        }
        for message in [Value::Null, json!([]), json!("msg"), json!(1)] {
            assert_eq!(seal(&own, header("AUS", "icao.vacc"), "ES256", &message), "claims_invalid", "{message}");
        }
        for issuer in ["AUT", "AU", "aus", "UTO", "QQQ", "", "JPN"] {
            check_header(issuer, header(issuer, "icao.vacc"), "issuer_wrong");
        }
        let check_signer = |name: &str, kind: &str, change: &dyn Fn(&mut Subject), expected: &str| {
            let mut subject = own.clone();
            change(&mut subject);
            assert_eq!(judged(&subject, header("AUS", kind), "ES256"), expected, "{name}");
        };
        check_signer("another state", "icao.vacc", &|own| own.country = Some("JP"), "issuer_wrong");
        check_signer("no state", "icao.vacc", &|own| own.country = None, "issuer_wrong");
        check_signer("an authority itself", "icao.vacc", &|own| own.is_authority = true, "key_usage_wrong");
        check_signer("for seals", "icao.vacc", &|own| own.usages = vec![SEALS], "valid");
        check_signer("for seals and more", "icao.vacc", &|own| own.usages = vec![VACCINATIONS, SEALS], "valid");
        check_signer("for DCC", "icao.vacc", &|own| own.usages = vec![VACCINATIONS], "key_usage_wrong");
        check_signer("vaccinations", "icao.vacc", &|own| own.documents = vec!["NV"], "valid");
        check_signer("a test by those", "icao.test", &|own| own.documents = vec!["NV"], "key_usage_wrong");
        check_signer("tests", "icao.test", &|own| own.documents = vec!["NT"], "valid");
        check_signer("both", "icao.test", &|own| own.documents = vec!["NV", "NT"], "valid");
        check_signer("passports", "icao.vacc", &|own| own.documents = vec!["P"], "key_usage_wrong");
        for algorithm in ["PS256", "ES384", "none", "HS256"] {
            assert_eq!(judged(&own, header("AUS", "icao.vacc"), algorithm), "algorithm_wrong", "{algorithm}");
        }
        let japanese = Subject { country: Some("JP"), ..own.clone() };
        assert_eq!(
            judged(&japanese, header("JPN", "icao.vacc"), "ES256"),
            "issuer_wrong",
            "an authority of another state"
        );
        // A signer of seals in the trust folder is not thereby one of health certificates.
        let sealing = Subject { usages: vec![SEALS], ..own };
        let der = certificate(&sealing, &key, (&root, &root_key));
        trust.add_certificate(&der).unwrap();
        let id = Certificate::from_der(&der).unwrap().id;
        let vaccination = dcc("AU", &id, &key);
        let found = verify(&vaccination, None, &trust, Timestamp::from_millis(NOW * 1000)).unwrap_err();
        assert_eq!(found, Refusal::KeyUsageWrong);
    }

    #[test]
    fn the_collections_of_other_verifiers_are_understood() {
        let Some(folder) = vectors("") else { return };
        let mut trust = Trust::nobody();
        for path in files(&folder.join("khealthcertificate"), ".der") {
            trust.add_certificate(&std::fs::read(&path).unwrap()).unwrap();
        }
        let mut account = Account::default();
        for path in files(&folder.join("khealthcertificate/eu-dgc"), ".txt") {
            let (name, certificate) = (path.file_name().unwrap().to_string_lossy().into_owned(), read_text(&path));
            let read = inspect(&certificate, None).unwrap();
            // One sample is of a later time than its certificate.
            let at = read.expires.unwrap();
            let found = verify(&certificate, None, &trust, at);
            account.note(&name, "verification", found.is_ok());
            let expected = match name.as_str() {
                "recovery.txt" => StatementMeaning::Recovered,
                "negative-test.txt" => StatementMeaning::TestedNegative,
                "full-vaccination.txt" => StatementMeaning::Vaccinated,
                _ => StatementMeaning::Unknown,
            };
            account.note(&name, "meaning", found.is_ok_and(|found| found.meaning.word() == expected));
        }
        for path in files(&folder.join("who-ddcc-validator"), "Contents.txt") {
            let (name, statement) = (path.file_name().unwrap().to_string_lossy().into_owned(), read_text(&path));
            match Format::of(&statement) {
                Some(Format::Divoc) => {
                    let found = verify(&statement, None, &trust, clock(WITHIN)).unwrap_err();
                    account.note(&name, "recognised", found == Refusal::NotVerifiable);
                }
                format => account.note(&name, "decoded", format.is_some() && inspect(&statement, None).is_ok()),
            }
        }
        account.close("khealthcertificate, who-ddcc-validator", 6, |_, _| None);
    }

    #[test]
    fn the_trust_list_of_the_world_is_loaded_whole() {
        let Some(folder) = vectors("gdhcn-trustlist") else { return };
        let mut account = Account::default();
        for path in files(&folder, "DSC/did.json").into_iter().chain(files(&folder, "v1/did.json")) {
            let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
            let document = read(&path);
            let mut trust = Trust::nobody();
            let faults = trust.add_did_document(&document);
            let methods = document["verificationMethod"].as_array().map_or(0, Vec::len);
            account.note(
                &format!("{name}: {faults:?}"),
                "keys",
                faults.is_empty() && (trust.keys() > 0 || methods == 0),
            );
        }
        account.close("gdhcn-trustlist", 8, |case, _| {
            let is_turkish = case.starts_with("v2/DCC/TUR/DSC/did.json: [ChainBroken]");
            is_turkish.then_some("one certificate is signed with SHA-1, which vouches for nothing any more")
        });
    }

    fn base64url(text: &str) -> Vec<u8> {
        Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).unwrap()
    }

    /// Source: the NZ COVID Pass specification, "CWT Claims", "CWT Headers" and "Verifiable Credential Claim Structure".
    #[test]
    fn a_pass_is_exactly_as_its_specification_has_it() {
        const ISSUER: &str = "did:web:nzcp.identity.health.nz";
        type Entries = Vec<(Vec<u8>, Vec<u8>)>;
        let key = signer();
        let mut trust = Trust::nobody();
        let id = format!("{ISSUER}#key-1");
        let method = json!({"id": id, "type": "JsonWebKey2020", "publicKeyJwk": jwk(&key)});
        let document = json!({"id": ISSUER, "verificationMethod": [method], "assertionMethod": [id]});
        assert_eq!(trust.add_did_document(&document), []);
        let now = Timestamp::from_millis(NOW * 1000);
        let judged = |protected: &[u8], claims: &Entries| {
            let found = verify(&nzcp(&object(protected, &map(claims), &key)), None, &trust, now);
            found.map_or_else(Refusal::code, |_| "valid")
        };
        let header = map(&[(vec![4], text("key-1")), (vec![1], ES256.to_vec())]);
        let set = |entries: &mut Entries, name: Vec<u8>, value: Option<Vec<u8>>| {
            entries.retain(|(own, _)| *own != name);
            entries.extend(value.map(|value| (name, value)));
        };
        let check_claim = |name: &str, label: Vec<u8>, value: Option<Vec<u8>>, expected: &str| {
            let mut claims = claims(ISSUER, &credential());
            set(&mut claims, label, value);
            assert_eq!(judged(&header, &claims), expected, "{name}");
        };
        let check_field = |name: &str, field: &str, value: Option<Vec<u8>>, expected: &str| {
            let mut credential = credential();
            set(&mut credential, text(field), value);
            assert_eq!(judged(&header, &claims(ISSUER, &credential)), expected, "{name}");
        };
        let float = |seconds: i64| [vec![0xfb], (seconds as f64).to_be_bytes().to_vec()].concat();
        let tagged = |seconds: i64| [vec![0xc1], word(seconds)].concat();
        let uuid = [vec![0x50], vec![7; 16]].concat();

        check_claim("as it is", vec![7], Some(uuid.clone()), "valid");
        for (name, label, begin) in [("nbf", 5, -1000), ("exp", 4, 1000)] {
            for (form, value) in [
                ("a float", Some(float(NOW + begin))),
                ("a tagged time", Some(tagged(NOW + begin))),
                ("a text", Some(text("1700000000"))),
                ("absent", None),
            ] {
                check_claim(&format!("{name}: {form}"), vec![label], value, "claims_invalid");
            }
        }
        for (name, value) in [
            ("no id", None),
            ("a short id", Some([vec![0x4f], vec![7; 15]].concat())),
            ("a text for an id", Some(text("60a4f54d-4e30-4332-be33-ad78b1eafa4b"))),
        ] {
            check_claim(name, vec![7], value, "claims_invalid");
        }
        // A label in a longer form is the same claim, and a float is none.
        check_claim("exp twice", vec![0x18, 4], Some(word(NOW + 9)), "duplicate_key");
        check_claim("nbf twice", vec![0x18, 5], Some(word(NOW - 9)), "duplicate_key");
        check_claim("iss twice", vec![0x18, 1], Some(text(ISSUER)), "duplicate_key");
        check_claim("cti twice", vec![0x18, 7], Some(uuid), "duplicate_key");
        check_claim(
            "vc twice",
            [&[0x7f], text("vc").as_slice(), &[0xff]].concat(),
            Some(map(&credential())),
            "duplicate_key",
        );
        check_claim("a float for a label", vec![0xf9, 0x44, 0x00], Some(word(NOW - 9)), "valid");
        check_claim("no credential", text("vc"), None, "claims_invalid");

        for version in ["1.0.1", "1.0", "1", "2.0.0", "v1.0.0", "1.0.0 ", ""] {
            check_field(version, "version", Some(text(version)), "claims_invalid");
        }
        check_field("no version", "version", None, "claims_invalid");
        let types = |types: &[&str]| Some(array(&types.iter().map(|kind| text(kind)).collect::<Vec<_>>()));
        for (name, value) in [
            ("the types reversed", types(&["PublicCovidPass", "VerifiableCredential"])),
            ("a third type", types(&["VerifiableCredential", "PublicCovidPass", "Other"])),
            ("one type", types(&["PublicCovidPass"])),
            ("another type", types(&["VerifiableCredential", "Other"])),
            ("a type by itself", Some(text("PublicCovidPass"))),
            ("no type", None),
        ] {
            check_field(name, "type", value, "claims_invalid");
        }
        let (general, own) = ("https://www.w3.org/2018/credentials/v1", "https://nzcp.covid19.health.nz/contexts/v1");
        check_field("the general context alone", "@context", types(&[general]), "valid");
        for (name, value) in [
            ("the contexts reversed", types(&[own, general])),
            ("no context", types(&[])),
            ("a context by itself", Some(text(general))),
            ("a number among them", Some(array(&[text(general), vec![1]]))),
        ] {
            check_field(name, "@context", value, "claims_invalid");
        }
        let (given, born) = ((text("givenName"), text("Jack")), (text("dob"), text("1960-04-16")));
        let subject = |entries: &[(Vec<u8>, Vec<u8>)]| Some(map(entries));
        let long = |length: usize| (text("familyName"), text(&"x".repeat(length)));
        check_field("a name of 100", "credentialSubject", subject(&[given.clone(), born.clone(), long(100)]), "valid");
        let again = ([&[0x7f], text("dob").as_slice(), &[0xff]].concat(), text("1990-04-16"));
        for (name, value) in [
            ("a name of 101", subject(&[given.clone(), born.clone(), long(101)])),
            ("a number for a name", subject(&[given.clone(), born.clone(), (text("familyName"), vec![1])])),
            ("no name", subject(std::slice::from_ref(&born))),
            ("no birth", subject(std::slice::from_ref(&given))),
            ("a year of birth", subject(&[given.clone(), (text("dob"), text("1960"))])),
            ("nobody", None),
        ] {
            check_field(name, "credentialSubject", value, "claims_invalid");
        }
        check_field("two births", "credentialSubject", subject(&[given, born, again]), "duplicate_key");

        let plain = claims(ISSUER, &credential());
        let in_bytes = map(&[(vec![4], bytes(b"key-1")), (vec![1], ES256.to_vec())]);
        // The specification demands a text; every example of it, and so every pass, has bytes.
        assert_eq!(judged(&in_bytes, &plain), "valid", "a key id in bytes");
        let unprotected = map(&[(vec![1], ES256.to_vec())]);
        assert_eq!(judged(&unprotected, &plain), "key_id_missing", "no protected key id");
        let other = map(&[(vec![4], text("key-1")), (vec![1], vec![0x38, 0x22])]);
        assert_eq!(judged(&other, &plain), "algorithm_wrong", "ES384");
        let untagged = object(&header, &map(&plain), &key);
        let found = verify(&nzcp(&untagged[1..]), None, &trust, now).unwrap_err();
        assert_eq!(found, Refusal::NotSigned, "untagged");
    }
}
