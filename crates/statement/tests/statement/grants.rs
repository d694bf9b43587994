//! What a trust folder grants: to whom, for which formats, and never more than its file can say.

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::EcdsaKeyPair;
    use base64ct::{Base64, Encoding};
    use serde_json::{Value, json};
    use yima_model::Timestamp;
    use yima_statement::key::{KeyError, PublicKey};
    use yima_statement::trust::{Container, Grant, KEYS_PER_ID_MAX, Owner, TrustFileError};
    use yima_statement::x509::Certificate;
    use yima_statement::{Refusal, Trust, verify};

    use crate::signing::{Issuer, Subject, certificate, deflated, jwk, key_id, signer};
    use crate::support::{files, json as read, vectors};
    use crate::tokens::{NOW, dcc, pass};

    const PASSES: &str = "did:web:nzcp.identity.health.nz";

    fn outcome(text: &str, trust: &Trust) -> &'static str {
        verify(text, None, trust, Timestamp::from_millis(NOW * 1000)).map_or_else(Refusal::code, |_| "valid")
    }

    fn subject(name: &'static str, country: Option<&'static str>, is_authority: bool) -> Subject {
        Subject { name, country, is_authority, ..Subject::default() }
    }

    /// A signer of Germany, with its authority's certificate after its own.
    struct German {
        key: EcdsaKeyPair,
        authority_key: EcdsaKeyPair,
        chain: Vec<Vec<u8>>,
    }

    impl German {
        fn new() -> Self {
            let (key, authority_key) = (signer(), signer());
            let authority = subject("CSCA DE", Some("DE"), true);
            let own = certificate(&subject("DSC DE", Some("DE"), false), &key, (&authority, &authority_key));
            let root = certificate(&authority, &authority_key, (&authority, &authority_key));
            Self { key, authority_key, chain: vec![own, root] }
        }

        fn jwk(&self, certificates: usize) -> Value {
            let mut jwk = jwk(&self.key);
            let chain = self.chain.iter().take(certificates).map(|der| Base64::encode_string(der));
            jwk["x5c"] = chain.collect::<Vec<_>>().into();
            jwk["kid"] = key_id(&self.key).into();
            jwk
        }

        fn certificate(&self) -> String {
            let id = Certificate::from_der(&self.chain[0]).unwrap().id;
            dcc("DE", &id, &self.key)
        }
    }

    fn document(did: &str, methods: &[Value], asserting: Option<Value>) -> Value {
        let mut document = json!({"id": did, "verificationMethod": methods});
        if let Some(asserting) = asserting {
            document["assertionMethod"] = asserting;
        }
        document
    }

    fn method(id: &str, jwk: &Value) -> Value {
        json!({"id": id, "type": "JsonWebKey2020", "controller": "did:web:x", "publicKeyJwk": jwk})
    }

    /// Whoever may put a key set into the trust folder for a URL of his own is not thereby a signer of Germany.
    #[test]
    fn a_key_set_never_makes_a_signer_of_a_country() {
        let german = German::new();
        for owner in [Owner::Issuer(Issuer::URL.to_owned()), Owner::Anyone] {
            for certificates in 0..=2 {
                let mut trust = Trust::nobody();
                assert_eq!(trust.add_key_set(&json!({"keys": [german.jwk(certificates)]}), &owner), []);
                assert_eq!(trust.keys(), 1);
                assert_eq!(outcome(&german.certificate(), &trust), "key_unknown", "{certificates}");
                let by_thumbprint = dcc("DE", key_id(&german.key).as_bytes(), &german.key);
                assert_ne!(outcome(&by_thumbprint, &trust), "valid", "{certificates}");
            }
        }
    }

    #[test]
    fn a_list_makes_signers_of_whole_chains_only() {
        let german = German::new();
        let added = |jwk: Value, asserting: Option<Value>| {
            let mut trust = Trust::nobody();
            let method = method("did:web:example.invalid#1", &jwk);
            let faults = trust.add_did_document(&document("did:web:example.invalid", &[method], asserting));
            (faults, outcome(&german.certificate(), &trust))
        };
        assert_eq!(added(german.jwk(2), None), (vec![], "valid"));
        assert_eq!(added(german.jwk(2), Some(json!(["did:web:example.invalid#1"]))), (vec![], "valid"));
        assert_eq!(added(german.jwk(2), Some(json!([]))), (vec![], "key_unknown"));
        assert_eq!(added(german.jwk(1), None), (vec![KeyError::ChainMissing], "key_unknown"));
        let mut broken = german.jwk(2);
        broken["x5c"][1] = Base64::encode_string(&German::new().chain[1]).into();
        assert_eq!(added(broken, None), (vec![KeyError::ChainBroken], "key_unknown"));
        let mut of_another = german.jwk(2);
        of_another["x5c"] = German::new().jwk(2)["x5c"].clone();
        assert_eq!(added(of_another, None), (vec![KeyError::OtherUse], "key_unknown"));
        let (key, root_key) = (signer(), signer());
        let root = subject("CA", None, true);
        let mut of_nowhere = jwk(&key);
        let own = certificate(&subject("DSC", None, false), &key, (&root, &root_key));
        of_nowhere["x5c"] = [own, certificate(&root, &root_key, (&root, &root_key))]
            .map(|der| Base64::encode_string(&der))
            .to_vec()
            .into();
        assert_eq!(added(of_nowhere, None).0, [KeyError::CountryMissing]);
    }

    /// Authorities of the network's lists name signers; what one of them has signed itself counts for nothing.
    #[test]
    fn an_authority_in_a_list_is_no_signer() {
        let root_key = signer();
        let root = subject("CSCA DE", Some("DE"), true);
        let root_der = certificate(&root, &root_key, (&root, &root_key));
        let signed = dcc("DE", &Certificate::from_der(&root_der).unwrap().id, &root_key);
        for copies in [1, 2] {
            let mut root_jwk = jwk(&root_key);
            root_jwk["x5c"] = vec![Base64::encode_string(&root_der); copies].into();
            let list = document("did:web:x", &[method("did:web:x:SCA#1", &root_jwk)], None);
            let mut trust = Trust::nobody();
            assert_eq!((trust.add_did_document(&list), trust.keys()), (vec![], 0));
            assert_eq!(outcome(&signed, &trust), "key_unknown");
        }
        // Nor is one whose certificate is held by itself; who pins it means it.
        let mut trust = Trust::nobody();
        trust.add_certificate(&root_der).unwrap();
        assert_eq!((outcome(&signed, &trust), trust.keys()), ("key_unknown", 0));
        trust.pin_certificate(&root_der).unwrap();
        assert_eq!(outcome(&signed, &trust), "valid");
        let Some(folder) = vectors("gdhcn-trustlist") else { return };
        for path in files(&folder, "did.json") {
            let list = read(&path);
            let mut trust = Trust::nobody();
            let faults = trust.add_did_document(&list);
            let methods = list["verificationMethod"].as_array().into_iter().flatten();
            let signers = methods.filter(|method| method["keyusage"]["code"] == "#DSC").count();
            // One certificate of Turkey is signed with SHA-1.
            assert_eq!(trust.keys(), signers - faults.len(), "{}", path.display());
            assert!(faults.is_empty() || path.to_string_lossy().contains("/TUR/"), "{}: {faults:?}", path.display());
        }
    }

    /// Source: the trust lists of the network: `keyusage` of each method.
    #[test]
    fn a_certificate_in_a_list_is_what_its_method_says_and_an_authority_of_the_list_issued_it() {
        let (german, other) = (German::new(), German::new());
        let stated = |jwk: Value, usage: &str| {
            let mut method = method("did:web:x:DSC#1", &jwk);
            method["keyusage"] = json!({"code": usage});
            method
        };
        let certified = |key: &EcdsaKeyPair, der: &[u8]| {
            let mut jwk = jwk(key);
            jwk["x5c"] = json!([Base64::encode_string(der)]);
            jwk
        };
        let authority = |of: &German, usage| stated(certified(&of.authority_key, &of.chain[1]), usage);
        let text = german.certificate();
        let check = |name: &str, methods: &[Value], faults: &[KeyError], expected: &str| {
            let mut trust = Trust::nobody();
            assert_eq!(trust.add_did_document(&document("did:web:x", methods, None)), faults, "{name}");
            assert_eq!(outcome(&text, &trust), expected, "{name}");
        };
        check("a signer with its chain", &[stated(german.jwk(2), "#DSC")], &[], "valid");
        for usage in ["#DECA", "#TLS", "#UP", "#AUTHENTICATION", "#"] {
            check(usage, &[stated(german.jwk(2), usage)], &[], "key_unknown");
        }
        let own = || stated(german.jwk(2), "#DSC");
        check("its authority in the list", &[own(), authority(&german, "#CSCA")], &[], "valid");
        check("its authority before it", &[authority(&german, "#SCA"), own()], &[], "valid");
        check(
            "an authority among others",
            &[authority(&other, "#CSCA"), own(), authority(&german, "#CSCA")],
            &[],
            "valid",
        );
        check("without its chain", &[authority(&german, "#CSCA"), stated(german.jwk(1), "#DSC")], &[], "valid");
        let broken = [KeyError::ChainBroken];
        check("an authority that did not issue it", &[own(), authority(&other, "#CSCA")], &broken, "key_unknown");
        check(
            "an authority of another use",
            &[stated(german.jwk(1), "#DSC"), authority(&german, "#TLS")],
            &[KeyError::ChainMissing],
            "key_unknown",
        );
        check("a signer called an authority", &[stated(german.jwk(2), "#CSCA")], &[KeyError::OtherUse], "key_unknown");
        check("an authority called a signer", &[authority(&german, "#DSC"), own()], &[KeyError::OtherUse], "valid");
        // An authority names signers of its own country.
        let (key, root_key) = (signer(), signer());
        let root = subject("CSCA FR", Some("FR"), true);
        let foreign = certificate(&subject("DSC DE", Some("DE"), false), &key, (&root, &root_key));
        let mut claimed = jwk(&key);
        claimed["x5c"] = [foreign, certificate(&root, &root_key, (&root, &root_key))]
            .map(|der| Base64::encode_string(&der))
            .to_vec()
            .into();
        check("a German one of a French authority", &[stated(claimed, "#DSC")], &broken, "key_unknown");
    }

    /// Source: HCERT, section 3.3.4: the issuer is the code of a country (ISO 3166-1), or is not named.
    #[test]
    fn a_key_vouches_for_its_own_country_and_for_no_other_name() {
        let key = signer();
        let judged = |country: Option<&'static str>, issuer: &str| {
            let own = subject("DSC", country, false);
            let der = certificate(&own, &key, (&own, &key));
            let mut trust = Trust::nobody();
            trust.add_certificate(&der).unwrap();
            let text = dcc(issuer, &Certificate::from_der(&der).unwrap().id, &key);
            verify(&text, None, &trust, Timestamp::from_millis(NOW * 1000))
                .map_err(Refusal::code)
                .map(|read| read.issuer)
        };
        let of = |issuer: &str| Ok(Some(issuer.to_owned()));
        for issuer in ["FR", "EL", "UK", "de", " FR "] {
            assert_eq!(judged(Some("AT"), issuer), Err("issuer_wrong"), "{issuer}");
        }
        // A name that is no country's, as of a health insurance (CNAM), is not taken on trust: the key says whose it is.
        for issuer in ["", "A", "AUT", "Austria", "CNAM", "https://issuer.invalid", PASSES, "\u{e9}"] {
            assert_eq!(judged(Some("AT"), issuer), of("AT"), "{issuer}");
        }
        assert_eq!(judged(None, "FR"), of("FR"), "a signer of no country, whom somebody trusts for any");
        // Two countries have a second code, in certificates as in statements.
        for (one, other) in [("AT", "AT"), ("EL", "GR"), ("UK", "GB")] {
            for (held, named) in [(one, one), (one, other), (other, one), (other, other)] {
                assert_eq!(judged(Some(held), named), of(other), "{named} by {held}");
            }
        }
        assert_eq!(judged(Some("UK"), "GR"), Err("issuer_wrong"));
    }

    /// Source: RFC 5280, section 6.1.3: who is no authority any more issues nothing. The world's lists have authorities whose
    /// renewed certificate begins after signers that they had issued with the same key.
    #[test]
    fn an_authority_past_its_term_vouches_for_no_signer() {
        for (authority_years, signer_years, is_trusted) in [
            ((10, 20), (21, 24), false),
            ((10, 21), (21, 24), true),
            ((21, 30), (21, 40), true),
            ((22, 30), (21, 40), true),
        ] {
            let (key, root_key) = (signer(), signer());
            let root = Subject { years: authority_years, ..subject("CSCA DE", Some("DE"), true) };
            let own = Subject { years: signer_years, ..subject("DSC DE", Some("DE"), false) };
            let own = certificate(&own, &key, (&root, &root_key));
            let text = dcc("DE", &Certificate::from_der(&own).unwrap().id, &key);
            let root = certificate(&root, &root_key, (&root, &root_key));
            let certified = |key: &EcdsaKeyPair, chain: &[&[u8]]| {
                let mut jwk = jwk(key);
                jwk["x5c"] = chain.iter().map(|der| Base64::encode_string(der)).collect::<Vec<_>>().into();
                method("did:web:x#1", &jwk)
            };
            let (whole, listed) = (certified(&key, &[&own, &root]), certified(&root_key, &[&root]));
            for methods in [vec![whole], vec![certified(&key, &[&own]), listed]] {
                let mut trust = Trust::nobody();
                let faults = trust.add_did_document(&document("did:web:x", &methods, None));
                let expected =
                    if is_trusted { (vec![], "valid") } else { (vec![KeyError::ChainBroken], "key_unknown") };
                assert_eq!((faults, outcome(&text, &trust)), expected, "{authority_years:?} {signer_years:?}");
            }
        }
    }

    /// Source: the NZ COVID Pass specification, "DID document" and "Resolving an issuer's identifier".
    #[test]
    fn a_document_makes_a_key_sign_passes_only_if_it_says_that_it_asserts_with_it() {
        let key = signer();
        let full = format!("{PASSES}#key-1");
        let text = pass(PASSES, "key-1", &key);
        let check = |name: &str, document: &Value, expected: &str| {
            let mut trust = Trust::nobody();
            trust.add_did_document(document);
            assert_eq!(outcome(&text, &trust), expected, "{name}");
        };
        let own = method(&full, &jwk(&key));
        let methods = [own.clone()];
        let asserting = || Some(json!([full]));
        check("as specified", &document(PASSES, &methods, asserting()), "valid");
        check("no assertionMethod", &document(PASSES, &methods, None), "issuer_unknown");
        check("an empty one", &document(PASSES, &methods, Some(json!([]))), "issuer_unknown");
        check("one for another key", &document(PASSES, &methods, Some(json!(["did:web:x#1"]))), "issuer_unknown");
        check("relative ids", &document(PASSES, &[method("#key-1", &jwk(&key))], Some(json!(["#key-1"]))), "valid");
        check("a relative id in the use", &document(PASSES, &methods, Some(json!(["#key-1"]))), "valid");
        check("an embedded method", &document(PASSES, &[], Some(json!([own]))), "valid");
        let embedded = method("#key-1", &jwk(&key));
        check("an embedded relative one", &document(PASSES, &[], Some(json!([embedded]))), "valid");
        check("another's document", &document("did:web:x", &methods, asserting()), "issuer_unknown");
        let mut other_type = own.clone();
        other_type["type"] = "EcdsaSecp256k1VerificationKey2019".into();
        check("another type", &document(PASSES, &[other_type], asserting()), "issuer_unknown");
        let mut elsewhere = document(PASSES, &[own], None);
        elsewhere["authentication"] = json!([full]);
        check("for authentication", &elsewhere, "issuer_unknown");
    }

    /// Source: the NZ COVID Pass specification, "Trusted issuers".
    #[test]
    fn only_the_listed_issuers_issue_passes() {
        let key = signer();
        for (did, expected) in [
            (PASSES, "valid"),
            ("did:web:nzcp.covid19.health.nz", "valid"),
            ("did:web:example.invalid", "issuer_unknown"),
            ("did:web:nzcp.identity.health.nz.example.invalid", "issuer_unknown"),
        ] {
            let mut trust = Trust::nobody();
            let id = format!("{did}#key-1");
            let document = document(did, &[method(&id, &jwk(&key))], Some(json!([id])));
            assert_eq!(trust.add_did_document(&document), []);
            assert_eq!(outcome(&pass(did, "key-1", &key), &trust), expected, "{did}");
        }
    }

    /// One key under every id by which a format looks it up, granted for one format at a time.
    #[test]
    fn a_key_signs_the_formats_that_it_was_granted_and_no_other() {
        let issuer = Issuer::new();
        let key = &issuer.0;
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": []});
        let texts = [
            (Container::Hcert, dcc("AT", b"key id 1", key)),
            (Container::Card, issuer.card(&deflated(issuer.claims(&bundle).to_string().as_bytes()))),
            (Container::Pass, pass(PASSES, "key-1", key)),
        ];
        let public = PublicKey::from_jwk(&jwk(key)).unwrap();
        for container in [Container::Hcert, Container::Card, Container::Pass] {
            let mut trust = Trust::nobody();
            let pass_id = format!("{PASSES}#key-1");
            for id in [b"key id 1".as_slice(), key_id(key).as_bytes(), pass_id.as_bytes()] {
                trust.add_key(id, public.clone(), Grant::unbounded(Owner::Anyone, Some(container)));
            }
            for (format, text) in &texts {
                let expected = if *format == container { "valid" } else { "key_usage_wrong" };
                assert_eq!(outcome(text, &trust), expected, "{format:?} by a key for {container:?}");
            }
        }
        // What the files grant: a set signs cards, a document passes or health certificates.
        let mut trust = issuer.trust();
        let id = format!("{PASSES}#key-1");
        trust.add_did_document(&document(PASSES, &[method(&id, &jwk(key))], Some(json!([id]))));
        assert_ne!(outcome(&dcc("NZ", id.as_bytes(), key), &trust), "valid");
        assert_ne!(outcome(&dcc(PASSES, id.as_bytes(), key), &trust), "valid");
        assert_ne!(outcome(&dcc(Issuer::URL, key_id(key).as_bytes(), key), &trust), "valid");
    }

    /// A hostile country fills up the id of another's key; only its own statements become ambiguous.
    #[test]
    fn nobody_can_push_out_the_key_of_another_owner() {
        let (honest, hostile): (EcdsaKeyPair, Vec<EcdsaKeyPair>) = (signer(), (0..50).map(|_| signer()).collect());
        let mut trust = Trust::nobody();
        let public = |key: &EcdsaKeyPair| PublicKey::from_jwk(&jwk(key)).unwrap();
        let grant = |country| Grant::unbounded(Owner::Country(country), Some(Container::Hcert));
        for key in &hostile {
            trust.add_key(b"key id 1", public(key), grant(*b"XX"));
        }
        trust.add_key(b"key id 1", public(&honest), grant(*b"AT"));
        assert_eq!(outcome(&dcc("AT", b"key id 1", &honest), &trust), "valid");
        assert_eq!(outcome(&dcc("AT", b"key id 1", &hostile[9]), &trust), "signature_invalid");
        assert_eq!(outcome(&dcc("XX", b"key id 1", &hostile[9]), &trust), "key_id_ambiguous");
        for key in hostile.iter().take(KEYS_PER_ID_MAX) {
            trust.add_key(b"key id 1", public(key), grant(*b"AT"));
        }
        assert_eq!(outcome(&dcc("AT", b"key id 1", &honest), &trust), "key_id_ambiguous");
    }

    /// What one issuer says of a key that it copied changes nothing for the one whose key it is.
    #[test]
    fn an_announced_list_is_announced_for_its_issuer_alone() {
        let issuer = Issuer::new();
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": []});
        let card = issuer.card(&deflated(issuer.claims(&bundle).to_string().as_bytes()));
        let set = |version: Option<u64>| {
            let mut key = jwk(&issuer.0);
            key["kid"] = key_id(&issuer.0).into();
            if let Some(version) = version {
                key["crlVersion"] = version.into();
            }
            json!({"keys": [key]})
        };
        let revocation = |own: Option<u64>, others: Option<u64>| {
            let mut trust = Trust::nobody();
            trust.add_key_set(&set(own), &Owner::Issuer(Issuer::URL.to_owned()));
            trust.add_key_set(&set(others), &Owner::Issuer("https://thief.invalid".to_owned()));
            let list = json!({"kid": key_id(&issuer.0), "method": "rid", "ctr": 1, "rids": []});
            assert!(trust.add_card_revocations(&list, Some(Issuer::URL)));
            let found = verify(&card, None, &trust, Timestamp::from_millis(NOW * 1000));
            found.map_or_else(Refusal::code, |found| found.revocation.unwrap().word())
        };
        assert_eq!(revocation(Some(1), None), "checked");
        assert_eq!(revocation(Some(1), Some(2)), "checked");
        assert_eq!(revocation(None, Some(2)), "not_announced");
        assert_eq!(revocation(Some(2), Some(1)), "revocation_unknown");
    }

    /// A key set may be older than the first list of its key, or lose the number of its version on the way.
    #[test]
    fn a_list_that_is_held_revokes_whether_or_not_its_key_announces_one() {
        let issuer = Issuer::new();
        let mut claims = issuer.claims(&json!({"resourceType": "Bundle", "type": "collection", "entry": []}));
        claims["vc"]["rid"] = "AAAA".into();
        let card = issuer.card(&deflated(claims.to_string().as_bytes()));
        let own = json!({"kid": key_id(&issuer.0), "method": "rid", "ctr": 1, "rids": ["AAAA"]});
        let with = |field: &str, value: Value| {
            let mut list = own.clone();
            list[field] = value;
            list
        };
        let check = |lists: &[(&Value, Option<&str>)], expected: &str| {
            let mut trust = issuer.trust();
            for (list, issuer) in lists {
                trust.add_card_revocations(list, *issuer);
            }
            assert_eq!(outcome(&card, &trust), expected, "{lists:?}");
        };
        let (others, empty) = (with("rids", json!(["BBBB"])), with("rids", json!([])));
        for issuer in [None, Some(Issuer::URL)] {
            check(&[(&own, issuer)], "revoked");
            check(&[(&with("ctr", json!(7)), issuer)], "revoked");
            check(&[(&with("ctr", json!("one")), issuer)], "revocation_unknown");
            check(&[(&empty, None), (&own, issuer)], "revoked");
            check(&[(&others, issuer)], "valid");
        }
        check(&[(&own, Some("https://thief.invalid"))], "valid");
        check(&[(&with("kid", json!("another")), None)], "valid");
        check(&[], "valid");
    }

    /// A list that cannot be read says so, and lets no card of its key count.
    #[test]
    fn a_faulty_list_of_revoked_cards_is_told() {
        let issuer = Issuer::new();
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": []});
        let card = issuer.card(&deflated(issuer.claims(&bundle).to_string().as_bytes()));
        let whole = json!({"kid": key_id(&issuer.0), "method": "rid", "ctr": 1, "rids": ["AAAA", "BBBB.1600000000"]});
        let mut key = jwk(&issuer.0);
        (key["kid"], key["crlVersion"]) = (key_id(&issuer.0).into(), 1.into());
        let check = |field: &str, value: Value, expected: &str| {
            let mut list = whole.clone();
            list[field] = value;
            let mut trust = Trust::nobody();
            trust.add_key_set(&json!({"keys": [key]}), &Owner::Issuer(Issuer::URL.to_owned()));
            assert_eq!(trust.add_card_revocations(&list, None), expected == "valid", "{list}");
            assert_eq!(outcome(&card, &trust), expected, "{list}");
        };
        check("ctr", json!(1), "valid");
        for (field, value) in [
            ("method", json!("oid")),
            ("ctr", json!("1")),
            ("rids", json!({})),
            ("rids", json!([1])),
            ("rids", json!(["AAAA", "AAAA"])),
            ("rids", json!(["no id"])),
            ("rids", json!(["AAAA.tomorrow"])),
        ] {
            check(field, value, "revocation_unknown");
        }
        let mut trust = issuer.trust();
        let mut nameless = whole;
        nameless["kid"] = Value::Null;
        assert!(!trust.add_card_revocations(&nameless, None));
    }

    #[test]
    fn a_directory_that_lists_nobody_lets_nobody_count() {
        let issuer = Issuer::new();
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": []});
        let card = issuer.card(&deflated(issuer.claims(&bundle).to_string().as_bytes()));
        for (listed, expected) in [
            (json!([{"iss": Issuer::URL}]), "valid"),
            (json!([{"iss": "https://other.invalid"}]), "issuer_unknown"),
            (json!([]), "issuer_unknown"),
            (json!({}), "issuer_unknown"),
        ] {
            let mut trust = issuer.trust();
            trust.add_issuer_directory(&json!({"participating_issuers": listed}));
            assert_eq!(outcome(&card, &trust), expected, "{listed}");
        }
    }

    /// Whoever may publish at one place must not be believed about another.
    #[test]
    fn where_a_file_lies_decides_whose_it_is() {
        const PLACE: &str = "example.invalid/issuer/.well-known/jwks.json";
        let issuer = Issuer::new();
        let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": []});
        let card = issuer.card(&deflated(issuer.claims(&bundle).to_string().as_bytes()));
        let mut key = jwk(&issuer.0);
        key["kid"] = key_id(&issuer.0).into();
        let check = |place: &str, named: Option<&str>, expected: &str| {
            let mut set = json!({"keys": [key]});
            if let Some(named) = named {
                set["issuer"] = named.into();
            }
            let mut trust = Trust::nobody();
            let found = match trust.add_file(place, set.to_string().as_bytes()) {
                Ok(faults) => {
                    assert_eq!(faults, []);
                    outcome(&card, &trust)
                }
                Err(TrustFileError::IssuersDiffer { .. }) => "error",
                Err(error) => panic!("{error}"),
            };
            assert_eq!(found, expected, "{place} {named:?}");
        };
        const OTHER: &str = "https://other.invalid";
        check(PLACE, None, "valid");
        check(PLACE, Some(Issuer::URL), "valid");
        check(PLACE, Some(OTHER), "error");
        check("set.json", Some(Issuer::URL), "valid");
        check("set.json", Some(OTHER), "issuer_unknown");
        check("set.json", None, "valid");
        check("other.invalid/.well-known/jwks.json", None, "issuer_unknown");
        check("other.invalid/.well-known/jwks.json", Some(Issuer::URL), "error");
    }

    /// What may be a damaged list of revoked certificates is never passed over.
    #[test]
    fn files_that_are_not_understood_are_errors() {
        for (place, content) in [
            ("list.json", ""),
            ("list.json", r#"{"kid": "AAAA", "hashType": "UCI", "entries": [{"ha"#),
            ("list", r#"{"kid": "AAAA", "hashType": "UCI", "entries": [{"ha"#),
            ("list.json", r#"{"kid": "AAAA", "hashType": "UCI"}"#),
            ("list.json", r#"{"kid": "AAAA", "hashType": "SHA", "entries": []}"#),
            ("list.json", r#"{"kid": "AAAA", "hashtype": "UCI", "entries": []}"#),
            ("list.json", r#"{"kid": "AAAA", "hashType": "UCI", "type": "BLOOMFILTER", "data": "AAAA"}"#),
            ("list.json", r#"{"kid": "AAAA", "method": "rid", "ctr": 1, "ridz": []}"#),
            ("list.json", r#"{"kid": "AAAA", "method": "oid", "ctr": 1, "rids": []}"#),
            ("list.json", r#"{"method": "rid", "ctr": 1, "rids": []}"#),
            ("list.json", "{}"),
            ("list.json", "1"),
            ("list.json", r#"{"keys": {}}"#),
            ("list.json", r#"[{"kid": "AAAA", "hash": "AAAA"}]"#),
        ] {
            let found = Trust::nobody().add_file(place, content.as_bytes());
            assert!(found.is_err(), "{content}: {found:?}");
        }
        for (place, content) in [("LICENSE", "do what you like"), ("README.md", "# Keys\n"), ("empty.json", "[]")] {
            assert_eq!(Trust::nobody().add_file(place, content.as_bytes()), Ok(vec![]), "{content}");
        }
    }
}
