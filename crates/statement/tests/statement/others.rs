//! New Zealand's passes, ICAO's seals, WHO's certificates and trust lists, and the collections of two verifiers.

#[cfg(test)]
mod tests {
    use base64ct::{Base64UrlUnpadded, Encoding};
    use yima_model::Timestamp;
    use yima_model::fact::StatementMeaning;
    use yima_statement::{Format, Refusal, Trust, inspect, verify};

    use crate::support::{Account, clock, files, json, text, vectors};

    const WITHIN: &str = "2022-01-01T00:00:00Z";

    fn outcome(text: &str, trust: &Trust, at: &str) -> &'static str {
        verify(text, None, trust, clock(at)).map_or_else(Refusal::code, |_| "valid")
    }

    #[test]
    fn passes_are_judged_as_the_specification_says() {
        let Some(folder) = vectors("nzcp/examples") else { return };
        let mut trust = Trust::nobody();
        assert_eq!(trust.add_did_document(&json(&folder.join("valid/did.json"))), []);
        let mut account = Account::default();
        for path in files(&folder, ".txt") {
            let (name, pass) = (path.file_name().unwrap().to_string_lossy().into_owned(), text(&path));
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
        let valid = text(&folder.join("valid/nzcp.txt"));
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
        account.close("nzcp", |_, _| None);
    }

    #[test]
    fn seals_count_by_their_signer_or_its_authority() {
        let Some(folder) = vectors("") else { return };
        let mut account = Account::default();
        let seals = files(&folder.join("khealthcertificate/icao"), ".txt").into_iter();
        let seals = seals.chain(files(&folder.join("who-ddcc-validator"), "Contents.txt"));
        for path in seals {
            let (name, seal) = (path.file_name().unwrap().to_string_lossy().into_owned(), text(&path));
            if Format::of(&seal) != Some(Format::VdsNc) {
                continue;
            }
            let value: serde_json::Value = serde_json::from_str(&seal).unwrap();
            let mut trust = Trust::nobody();
            account.note(&name, "untrusted", outcome(&seal, &trust, WITHIN) == "signer_untrusted");
            trust.add_certificate(&base64url(value["sig"]["cer"].as_str().unwrap())).unwrap();
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
        account.close("ICAO seals", |_, _| None);
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
            let (name, certificate) = (path.file_name().unwrap().to_string_lossy().into_owned(), text(&path));
            let read = inspect(&certificate, None).unwrap();
            let at = read.issued.unwrap();
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
            let (name, statement) = (path.file_name().unwrap().to_string_lossy().into_owned(), text(&path));
            match Format::of(&statement) {
                Some(Format::Divoc) => {
                    let found = verify(&statement, None, &trust, clock(WITHIN)).unwrap_err();
                    account.note(&name, "recognised", found == Refusal::NotVerifiable);
                }
                format => account.note(&name, "decoded", format.is_some() && inspect(&statement, None).is_ok()),
            }
        }
        account.close("khealthcertificate, who-ddcc-validator", |_, _| None);
    }

    #[test]
    fn the_trust_list_of_the_world_is_loaded_whole() {
        let Some(folder) = vectors("gdhcn-trustlist") else { return };
        let mut account = Account::default();
        for path in files(&folder, "DSC/did.json").into_iter().chain(files(&folder, "v1/did.json")) {
            let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
            let document = json(&path);
            let mut trust = Trust::nobody();
            let faults = trust.add_did_document(&document);
            let methods = document["verificationMethod"].as_array().map_or(0, Vec::len);
            account.note(
                &format!("{name}: {faults:?}"),
                "keys",
                faults.is_empty() && (trust.keys() > 0 || methods == 0),
            );
        }
        account.close("gdhcn-trustlist", |case, _| {
            let is_turkish = case.starts_with("v2/DCC/TUR/DSC/did.json: [ChainBroken]");
            is_turkish.then_some("one certificate is signed with SHA-1, which vouches for nothing any more")
        });
    }

    fn base64url(text: &str) -> Vec<u8> {
        Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).unwrap()
    }
}
