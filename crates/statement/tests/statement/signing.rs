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
}
