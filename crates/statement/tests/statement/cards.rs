//! SMART Health Cards: the examples of the framework and the table of expectations of its developers' tools.

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::{Value, json};
    use yima_model::Timestamp;
    use yima_statement::shc::{self, Card};
    use yima_statement::trust::Owner;
    use yima_statement::{Refusal, Revocation, Trust, verify};

    use crate::signing::{deflated, jwk, jws, key_id, signer};
    use crate::support::{Account, clock, files, json as read, text, vectors};

    /// The keys of the example issuers, each for its own URL, and the lists of revoked cards beside them.
    fn trust(root: &Path) -> Trust {
        let mut trust = Trust::nobody();
        let examples = read(&root.join("spec-examples/issuer/.well-known/jwks.json"));
        let owner = Owner::Issuer("https://spec.smarthealth.cards/examples/issuer".to_owned());
        assert_eq!(trust.add_key_set(&examples, &owner), []);
        for path in files(&root.join("spec-examples/issuer"), ".json") {
            if path.to_string_lossy().contains("/crl/") {
                trust.add_card_revocations(&read(&path), Some("https://spec.smarthealth.cards/examples/issuer"));
            }
        }
        const BASE: &str = "https://raw.githubusercontent.com/smart-on-fhir/health-cards-dev-tools/main/testdata";
        for path in files(&root.join("dev-tools/badcrl"), ".json") {
            let place = path.strip_prefix(root.join("dev-tools")).unwrap().to_str().unwrap();
            let Some((folder, _)) = place.split_once("/.well-known/") else { continue };
            let issuer = format!("{BASE}/{folder}");
            let content = read(&path);
            if content.get("rids").is_some() {
                trust.add_card_revocations(&content, Some(&issuer));
            } else {
                trust.add_key_set(&content, &Owner::Issuer(issuer));
            }
        }
        trust
    }

    fn outcome(text: &str, trust: &Trust, now: Timestamp) -> Result<(), Refusal> {
        for card in shc::cards(text)? {
            shc::verify(&Card::parse(&card)?, trust, now)?;
        }
        Ok(())
    }

    /// An instant at which the payloads that stand by themselves are within their terms, where they have one.
    const PAYLOADS_AT: &str = "2024-01-01T00:00:00Z";

    /// A card of this payload, signed for its issuer by a key that is trusted for it from here on; a payload that is
    /// spread over lines is signed without them.
    fn signed(trust: &mut Trust, payload: &str) -> String {
        let signer = signer();
        let mut key = jwk(&signer);
        key["kid"] = key_id(&signer).into();
        let claims = serde_json::from_str::<Value>(payload);
        let issuer = claims.as_ref().ok().and_then(|claims| Some(claims["iss"].as_str()?.to_owned()));
        trust.add_key_set(&json!({"keys": [key]}), &issuer.map_or(Owner::Anyone, Owner::Issuer));
        let header = json!({"zip": "DEF", "alg": "ES256", "kid": key_id(&signer)}).to_string();
        let payload = claims.map_or_else(|_| payload.to_owned(), |claims| claims.to_string());
        jws(&header, &deflated(payload.as_bytes()), &signer)
    }

    /// A payload around the text of a bundle.
    fn around(bundle: &str) -> String {
        let types = "https://smarthealth.cards#health-card";
        format!(
            r#"{{"iss":"https://example.invalid","nbf":1600000000,"vc":{{"type":["{types}"],"credentialSubject":{{"fhirVersion":"4.0.1","fhirBundle":{bundle}}}}}}}"#
        )
    }

    fn kind_word(kind: &str) -> &'static str {
        match kind {
            "jwspayload" => "verifier_accept of a payload signed here",
            "fhirbundle" => "verifier_accept of a bundle signed here",
            _ => "verifier_accept",
        }
    }

    #[test]
    fn the_table_of_expectations_is_met() {
        let Some(root) = vectors("shc") else { return };
        let trust = trust(&root);
        let mut account = Account::default();
        let mut seen = BTreeSet::new();
        for table in files(&root, "expected.json") {
            let table = read(&table);
            let cases = table.as_object().unwrap().values().filter_map(Value::as_array).flatten();
            for case in cases {
                let name = case["name"].as_str().unwrap();
                if !seen.insert(format!("{name} {}", case["files"])) {
                    continue;
                }
                let paths: Vec<_> = case["paths"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let present = paths.iter().all(|path| root.join("..").join(path).exists());
                let kind = case["type"].as_str().unwrap_or_default();
                let texts: Vec<_> = match kind {
                    _ if !present => {
                        account.not_run(name, "a file of it is not here");
                        continue;
                    }
                    "healthcard" | "jws" | "qrnumeric" | "fhirhealthcard" | "jwspayload" | "fhirbundle" => {
                        paths.iter().map(|path| text(&root.join("..").join(path))).collect()
                    }
                    "qr" => continue, // `yima statement` reads pictures, and its tests run these.
                    _ => {
                        account.not_run(name, &format!("is a {kind}: an address to be asked, or what it leads to"));
                        continue;
                    }
                };
                let mut trust = trust.clone();
                if case["options"]["issuerDirectory"] == "VCI" {
                    trust.add_issuer_directory(&json!({"participating_issuers": [{"iss": "https://example.org"}]}));
                }
                // The examples of the framework were signed anew in 2023, after the clock of the table.
                let now = clock(if kind == "jwspayload" { PAYLOADS_AT } else { "2024-01-01T00:00:00Z" });
                let found = match kind {
                    "jwspayload" => outcome(&signed(&mut trust, texts.concat().trim_end()), &trust, now),
                    "fhirbundle" => outcome(&signed(&mut trust, &around(texts.concat().trim_end())), &trust, now),
                    _ => outcome(&texts.join("\n"), &trust, now),
                };
                match case["verifier_accept"].as_bool() {
                    Some(expected) => {
                        account.note(&format!("{name}: {found:?}"), kind_word(kind), found.is_ok() == expected)
                    }
                    None => account.told(&format!("{name}: {found:?}")),
                }
            }
        }
        account.close("shc", 20, |case, _| {
            let is_revoked = case == "Cards: valid 03 QR numeric: Err(Revoked)";
            is_revoked.then_some("the issuer's own list revokes this card; the table was made without it")
        });
    }

    #[test]
    fn the_term_begins_with_its_first_second_and_trust_is_for_one_issuer() {
        let Some(root) = vectors("shc/spec-examples") else { return };
        let card = text(&root.join("example-00-d-jws.txt"));
        let trusted = trust(root.parent().unwrap());
        let check = |trust: &Trust, at: i64, expected| {
            assert_eq!(outcome(&card, trust, Timestamp::from_millis(at * 1000)), expected, "{at}");
        };
        check(&trusted, 1_687_450_763, Err(Refusal::NotYetValid));
        check(&trusted, 1_687_450_764, Ok(()));
        check(&Trust::nobody(), 1_700_000_000, Err(Refusal::IssuerUnknown));
        let mut elsewhere = Trust::nobody();
        let keys = read(&root.join("issuer/.well-known/jwks.json"));
        elsewhere.add_key_set(&keys, &Owner::Issuer("https://example.org".to_owned()));
        check(&elsewhere, 1_700_000_000, Err(Refusal::IssuerUnknown));
    }

    #[test]
    fn a_card_whose_announced_list_is_not_held_counts_and_says_so_unless_lists_are_demanded() {
        let Some(root) = vectors("shc") else { return };
        let card = text(&root.join("spec-examples/example-00-d-jws.txt"));
        let revocation =
            |trust: &Trust| verify(&card, None, trust, clock("2024-01-01T00:00:00Z")).map(|it| it.revocation);
        let owner = Owner::Issuer("https://spec.smarthealth.cards/examples/issuer".to_owned());
        let mut keys = read(&root.join("spec-examples/issuer/.well-known/jwks.json"));
        let trusting = |keys: &Value| {
            let mut trust = Trust::nobody();
            trust.add_key_set(keys, &owner);
            trust
        };
        let demanding = |mut trust: Trust| {
            trust.demand_card_lists();
            trust
        };
        let (with_lists, without) = (trust(&root), trusting(&keys));
        assert_eq!(revocation(&with_lists), Ok(Some(Revocation::Checked)));
        assert_eq!(revocation(&without), Ok(Some(Revocation::NotHeld)));
        assert_eq!(revocation(&demanding(with_lists)), Ok(Some(Revocation::Checked)));
        assert_eq!(revocation(&demanding(without)), Err(Refusal::RevocationListMissing));
        for key in keys["keys"].as_array_mut().unwrap() {
            key.as_object_mut().unwrap().remove("crlVersion");
        }
        assert_eq!(revocation(&demanding(trusting(&keys))), Ok(Some(Revocation::NotAnnounced)));
    }

    #[test]
    fn parts_come_in_any_order_and_each_once() {
        let Some(root) = vectors("shc/spec-examples") else { return };
        let part = |number: u32| {
            text(&root.join(format!("example-02-f-qr-code-numeric-value-{number}.txt"))).trim().to_owned()
        };
        let parts = [part(0), part(1), part(2)];
        let whole = shc::cards(&parts.join("\n")).unwrap();
        let check = |order: &[usize], expected: Result<Vec<String>, Refusal>| {
            let text = order.iter().map(|index| parts[*index].as_str()).collect::<Vec<_>>().join("\n");
            assert_eq!(shc::cards(&text), expected, "{order:?}");
        };
        check(&[2, 0, 1], Ok(whole));
        for wrong in [&[0, 1][..], &[0], &[0, 0, 1], &[0, 1, 2, 2]] {
            check(wrong, Err(Refusal::PartsInvalid));
        }
    }
}
