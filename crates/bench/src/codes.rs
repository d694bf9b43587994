//! Issuing and verifying codes, beside the bare ES256 operations of the same library.

use std::hint::black_box;

use anyhow::{Context, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, ParsedPublicKey,
};
use yima_credential::claims::{Issuer, LiveTimes, PaperTimes, StatusReference};
use yima_credential::place::{Staffing, Strictness};
use yima_credential::status_list::{StatusContent, StatusEntries};
use yima_credential::trust_list::{Environment, IssuerKey, KeyUse, StatusListAddress, TrustContent};
use yima_credential::{
    Checkpoint, Code, CodeId, LiveClaims, LiveCredential, PaperClaims, PinnedRoots, Place, PlaceClass, Seconds, Seen,
    Signer, StatusList, TrustList, Who, WhoCommitment, verify,
};
use yima_model::{Level, Personal, Timestamp, codec};

use crate::{Figure, clock, verdicts};

const URI: &str = "https://example.invalid/v1/status/1";
const DAY_SECONDS: u32 = 86_400;
/// As long as what stands under the signature of a live credential, about.
const MESSAGE: &[u8] = &[0x5a; 220];

pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    let now = Timestamp::parse(verdicts::AT)?;
    let [issuer, printer, device] = [signer()?, signer()?, signer()?];
    let (trust, status) = lists(&issuer, &printer, now)?;

    let pair = pair()?;
    let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())?;
    let random = SystemRandom::new();
    let signature = pair.sign(&random, MESSAGE)?;
    let mut raw_sign = || {
        black_box(pair.sign(&random, black_box(MESSAGE))?);
        Ok(())
    };
    let mut raw_verify = || Ok(public.verify_sig(black_box(MESSAGE), signature.as_ref())?);

    let everybody = verdicts::everybody()?;
    let record = codec::encode_record(&verdicts::facts()?);
    let live_claims = || {
        let verdict = everybody.verdict(codec::view_record(black_box(&record))?, now, now);
        let next_change = verdict.next_change.unwrap_or(Timestamp::FOREVER);
        anyhow::Ok(LiveClaims {
            issuer: issuer_name()?,
            colour: verdict.colour,
            times: LiveTimes::new(now, now, next_change)?,
            epoch: 1,
            id: CodeId::from_random([7; 16]),
            device: *device.public().coordinates(),
            who: WhoCommitment::from_bytes([9; 16]),
        })
    };
    let paper_claims = || {
        let until = now.plus_millis(i64::from(DAY_SECONDS) * 180 * 1000);
        anyhow::Ok(PaperClaims {
            issuer: issuer_name()?,
            times: PaperTimes::new(now, until)?,
            who: Who::of(&Personal::new("王小明".to_owned()), 27)?,
            status: StatusReference { list: 1, index: 4711 },
            guardian: None,
        })
    };
    let mut issue_live = || {
        black_box(LiveCredential::issue(&live_claims()?, &issuer)?);
        Ok(())
    };
    let mut issue_paper = || {
        black_box(everybody.verdict(codec::view_record(black_box(&record))?, now, now).colour);
        black_box(Code::paper(&paper_claims()?, &printer)?.text());
        Ok(())
    };

    let live = LiveCredential::issue(&live_claims()?, &issuer)?.present(&device, Seconds::floor(now), None)?.text();
    let paper = Code::paper(&paper_claims()?, &printer)?.text();
    let place = Place {
        class: PlaceClass::Traffic,
        level: Level::High,
        listed: false,
        strictness: Strictness::Ordinary,
        staffing: Staffing::Attended,
    };
    let status = [status];
    let checkpoint = Checkpoint { place, trust: &trust, status: &status, built: now };
    let passes = |text: &str| -> anyhow::Result<()> {
        let verified = verify(black_box(text), &checkpoint, &mut Seen::new(), now);
        black_box(verified.map_err(|refusal| anyhow!("{refusal:?}"))?);
        Ok(())
    };
    let mut verify_live = || passes(&live);
    let mut verify_paper = || passes(&paper);

    let rates = clock::rates([
        &mut raw_sign,
        &mut issue_live,
        &mut issue_paper,
        &mut raw_verify,
        &mut verify_live,
        &mut verify_paper,
    ])?;
    let [raw_sign, issue_live, issue_paper, raw_verify, verify_live, verify_paper] = rates;
    let share = |what: &str, measured, limit, wanted| Figure {
        what: what.to_owned(),
        measured,
        unit: "/s",
        limit: Some(limit),
        wanted: Some(wanted),
    };
    let (sign, check) = (("raw ES256 signatures", raw_sign), ("raw ES256 verifications", raw_verify));
    Ok(vec![
        share("issuing a live code: record, verdict, claims, signature", issue_live, sign, 0.6),
        share("issuing a paper code: record, verdict, claims, signature, base45", issue_paper, sign, 0.6),
        share("verifying a paper code", verify_paper, check, 0.85),
        share("verifying a live code", verify_live, ("half the raw ES256 verifications", raw_verify / 2.0), 0.85),
    ])
}

fn issuer_name() -> anyhow::Result<Issuer> {
    Issuer::parse("CN").context("the nation is an issuer")
}

fn signer() -> anyhow::Result<Signer> {
    Ok(Signer::from_pkcs8(&Signer::generate_pkcs8()?)?)
}

fn pair() -> anyhow::Result<EcdsaKeyPair> {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).map_err(|error| anyhow!("{error}"))
}

/// A trust list with one key for each use, and a status list in which the paper code passes.
fn lists(issuer: &Signer, printer: &Signer, now: Timestamp) -> anyhow::Result<(TrustList, StatusList)> {
    let issued = Seconds::floor(now);
    let [root, publisher] = [signer()?, signer()?];
    let key = |signer: &Signer, key_use| IssuerKey {
        public: signer.public().clone(),
        key_use,
        valid_from: issued,
        valid_until: issued.plus(365 * DAY_SECONDS),
        revoked_from: None,
    };
    let content = TrustContent {
        environment: Environment::Test,
        issuer: issuer_name()?,
        number: 1,
        issued,
        expires: issued.plus(30 * DAY_SECONDS),
        keys: vec![key(issuer, KeyUse::Live), key(printer, KeyUse::Paper), key(&publisher, KeyUse::Status)],
        rules: Vec::new(),
        status_lists: vec![StatusListAddress { number: 1, uri: URI.to_owned() }],
    };
    let roots = PinnedRoots { environment: Environment::Test, keys: vec![root.public().clone()] };
    let trust = TrustList::open(&content.sign(&root)?, &roots, None, now).map_err(|refusal| anyhow!("{refusal:?}"))?;
    let mut entries = StatusEntries::fallen(1 << 17);
    entries.let_pass(4711).context("there is such an entry")?;
    let content = StatusContent {
        number: 1,
        uri: URI.to_owned(),
        version: 1,
        issued,
        expires: issued.plus(DAY_SECONDS),
        entries,
    };
    let status = StatusList::open(&content.sign(&publisher)?, &trust, None, now);
    Ok((trust, status.map_err(|refusal| anyhow!("{refusal:?}"))?))
}
