//! An issuer of cards made for the test.

#[cfg(test)]
pub(crate) use tests::*;

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    use base64ct::{Base64UrlUnpadded, Encoding};
    use miniz_oxide::deflate::compress_to_vec;
    use serde_json::{Value, json};
    use yima_statement::Trust;
    use yima_statement::trust::Owner;

    /// An issuer whose key counts for its own URL.
    pub(crate) struct Issuer(pub(crate) EcdsaKeyPair);

    impl Issuer {
        pub(crate) const URL: &str = "https://example.invalid/issuer";

        pub(crate) fn new() -> Self {
            Self(signer())
        }

        pub(crate) fn trust(&self) -> Trust {
            let mut key = jwk(&self.0);
            key["kid"] = key_id(&self.0).into();
            let mut trust = Trust::nobody();
            assert_eq!(trust.add_key_set(&json!({"keys": [key]}), &Owner::Issuer(Self::URL.to_owned())), []);
            trust
        }

        /// The claims around a bundle.
        pub(crate) fn claims(&self, bundle: &Value) -> Value {
            let subject = json!({"fhirVersion": "4.0.1", "fhirBundle": bundle});
            let types = ["https://smarthealth.cards#health-card"];
            json!({"iss": Self::URL, "nbf": 1_600_000_000, "vc": {"type": types, "credentialSubject": subject}})
        }

        pub(crate) fn card(&self, payload: &[u8]) -> String {
            let header = json!({"zip": "DEF", "alg": "ES256", "kid": key_id(&self.0)}).to_string();
            jws(&header, payload, &self.0)
        }
    }

    pub(crate) fn signer() -> EcdsaKeyPair {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
    }

    pub(crate) fn jwk(signer: &EcdsaKeyPair) -> Value {
        let point = signer.public_key().as_ref();
        let [x, y] = [&point[1..33], &point[33..]].map(Base64UrlUnpadded::encode_string);
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": x, "y": y})
    }

    pub(crate) fn key_id(signer: &EcdsaKeyPair) -> String {
        yima_statement::key::PublicKey::from_jwk(&jwk(signer)).unwrap().thumbprint().unwrap()
    }

    /// A JWS whose signature is over these very texts.
    pub(crate) fn jws(header: &str, payload: &[u8], signer: &EcdsaKeyPair) -> String {
        let signed = [header.as_bytes(), payload].map(Base64UrlUnpadded::encode_string).join(".");
        let signature = signer.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", Base64UrlUnpadded::encode_string(signature.as_ref()))
    }

    pub(crate) fn deflated(payload: &[u8]) -> Vec<u8> {
        compress_to_vec(payload, 9)
    }

    /// What a certificate says of its subject; `years` are the first and the year after its last, of this century.
    #[derive(Clone)]
    pub(crate) struct Subject {
        pub(crate) years: (u8, u8),
        pub(crate) name: &'static str,
        pub(crate) country: Option<&'static str>,
        pub(crate) is_authority: bool,
        /// The object ids of its extended key usages, encoded.
        pub(crate) usages: Vec<&'static [u8]>,
        /// The types of documents that a signer of seals may sign.
        pub(crate) documents: Vec<&'static str>,
    }

    impl Default for Subject {
        fn default() -> Self {
            Self {
                years: (21, 40),
                name: "",
                country: None,
                is_authority: false,
                usages: Vec::new(),
                documents: Vec::new(),
            }
        }
    }

    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let length = match content.len() {
            short @ 0..0x80 => vec![short as u8],
            long => vec![0x82, (long >> 8) as u8, long as u8],
        };
        [vec![tag], length, content].concat()
    }

    fn name(subject: &Subject) -> Vec<u8> {
        let pair =
            |id: &[u8], text: &str| der(0x31, &[&der(0x30, &[&der(0x06, &[id]), &der(0x13, &[text.as_bytes()])])]);
        let country = subject.country.map(|country| pair(&[0x55, 0x04, 0x06], country)).unwrap_or_default();
        der(0x30, &[&country, &pair(&[0x55, 0x04, 0x03], subject.name)])
    }

    fn extensions(subject: &Subject) -> Vec<u8> {
        let extension = |id: &[u8], value: Vec<u8>| der(0x30, &[&der(0x06, &[id]), &der(0x04, &[&value])]);
        let mut list = Vec::new();
        if subject.is_authority {
            list.extend(extension(&[0x55, 0x1d, 0x13], der(0x30, &[&[0x01, 0x01, 0xff]])));
        }
        if !subject.usages.is_empty() {
            let ids: Vec<u8> = subject.usages.iter().flat_map(|id| der(0x06, &[id])).collect();
            list.extend(extension(&[0x55, 0x1d, 0x25], der(0x30, &[&ids])));
        }
        if !subject.documents.is_empty() {
            let types: Vec<u8> = subject.documents.iter().flat_map(|kind| der(0x13, &[kind.as_bytes()])).collect();
            let list_of_types = der(0x30, &[&[0x02, 0x01, 0x00], &der(0x31, &[&types])]);
            list.extend(extension(&[0x67, 0x81, 0x08, 0x01, 0x01, 0x06, 0x02], list_of_types));
        }
        if list.is_empty() { list } else { der(0xa3, &[&der(0x30, &[&list])]) }
    }

    /// A certificate (DER) of `key`, issued by the subject `by` with its key.
    pub(crate) fn certificate(
        subject: &Subject,
        key: &EcdsaKeyPair,
        (by, by_key): (&Subject, &EcdsaKeyPair),
    ) -> Vec<u8> {
        let algorithm = der(0x30, &[&der(0x06, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]])]);
        let ids = [
            der(0x06, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]]),
            der(0x06, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]]),
        ];
        let point = der(0x03, &[&[0x00], key.public_key().as_ref()]);
        let (from, until) = subject.years;
        let validity = [from, until].map(|year| der(0x17, &[format!("{year:02}0101000000Z").as_bytes()]));
        let to_be_signed = der(
            0x30,
            &[
                &der(0xa0, &[&[0x02, 0x01, 0x02]]),
                &[0x02, 0x01, 0x01],
                &algorithm,
                &name(by),
                &der(0x30, &[&validity.concat()]),
                &name(subject),
                &der(0x30, &[&der(0x30, &[&ids.concat()]), &point]),
                &extensions(subject),
            ],
        );
        let signature = by_key.sign(&SystemRandom::new(), &to_be_signed).unwrap();
        let number = |bytes: &[u8]| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let sign: &[u8] = if bytes[zeros] >= 0x80 { &[0] } else { &[] };
            der(0x02, &[sign, &bytes[zeros..]])
        };
        let (r, s) = signature.as_ref().split_at(32);
        let signature = der(0x30, &[&number(r), &number(s)]);
        der(0x30, &[&to_be_signed, &algorithm, &der(0x03, &[&[0x00], &signature])])
    }
}
