//! Certificates of many national generators, as their images were read.

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use yima_statement::dcc::{self, Signed};

    use crate::support::{Account, files, json, vectors};

    #[test]
    fn every_text_is_decoded_with_its_key_id_and_claims() {
        let Some(folder) = vectors("dcc-quality-assurance") else { return };
        let mut account = Account::default();
        for path in files(&folder, ".json") {
            for (name, case) in cases(&json(&path)) {
                let Some(text) = case.get("text").and_then(Value::as_str) else {
                    account.not_run(&name, "no text was read from the image");
                    continue;
                };
                account.note(&name, "decoded", is_decoded(text, &case));
            }
        }
        account.close("dcc-quality-assurance", 100, |_, _| None);
    }

    fn cases(list: &Value) -> Vec<(String, Value)> {
        match list {
            Value::Object(entries) => entries.iter().map(|(name, case)| (name.clone(), case.clone())).collect(),
            Value::Array(entries) => entries.iter().map(|case| (case["file"].to_string(), case.clone())).collect(),
            _ => Vec::new(),
        }
    }

    fn is_decoded(text: &str, case: &Value) -> bool {
        let Ok(bytes) = dcc::unpack(text) else { return false };
        let Ok(signed) = Signed::parse(&bytes) else { return false };
        let Ok(claims) = signed.claims() else { return false };
        let hex: String = signed.key_id().unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect();
        let number = |name: &str| case.get(name).and_then(Value::as_f64).map(|number| number.floor() as i64);
        let agrees = |name: &str, found: Option<i64>| number(name).is_none() || number(name) == found;
        case["kid"].as_str().is_none_or(|kid| kid == hex)
            && case["iss"].as_str() == claims.issuer.as_deref()
            && agrees("iat", claims.issued)
            && agrees("exp", claims.expires)
    }
}
