//! Status lists of a hundred million paper codes: how large they are, and how long it takes to sign and to open them.

use anyhow::{Context, anyhow};
use yima_credential::claims::Issuer;
use yima_credential::status_list::{STATUS_ENTRIES_MAX, STATUS_LIST_SECONDS_MAX, StatusContent, StatusEntries};
use yima_credential::trust_list::{Environment, IssuerKey, KeyUse, StatusListAddress, TrustContent};
use yima_credential::{PinnedRoots, Seconds, Signer, StatusList, TrustList};
use yima_model::Timestamp;

use crate::clock::processor_time;
use crate::{Figure, scatter, verdicts};

const CODES: u64 = 100_000_000;
/// Of so many codes, one is fallen.
const FALLEN: [(u64, &str); 2] = [(100, "1 %"), (1000, "0.1 %")];

pub(crate) fn measure() -> anyhow::Result<Vec<Figure>> {
    let now = Timestamp::parse(verdicts::AT)?;
    let issued = Seconds::floor(now);
    let signer = || anyhow::Ok(Signer::from_pkcs8(&Signer::generate_pkcs8()?)?);
    let (root, publisher) = (signer()?, signer()?);
    let numbers = 1..=u32::try_from(CODES.div_ceil(STATUS_ENTRIES_MAX.into()))?;
    let trust = trust(&root, &publisher, issued, numbers.clone())?;
    let mut figures = Vec::new();
    for (one_in, share) in FALLEN {
        let (mut bytes, mut signing, mut opening) = (0, 0.0, 0.0);
        for number in numbers.clone() {
            let content = StatusContent {
                number,
                uri: uri(number),
                version: 1,
                issued,
                expires: issued.plus(STATUS_LIST_SECONDS_MAX),
                entries: entries(number, one_in)?,
            };
            let begun = processor_time();
            let signed = content.sign(&publisher)?;
            let signed_at = processor_time();
            StatusList::open(&signed, &trust, None, now).map_err(|refusal| anyhow!("{refusal:?}"))?;
            bytes += signed.len();
            signing += signed_at.saturating_sub(begun).as_secs_f64();
            opening += processor_time().saturating_sub(signed_at).as_secs_f64();
        }
        let mut figure = |what: &str, measured, unit| {
            let what = format!("{what} of 100 million paper codes, {share} of them fallen");
            figures.push(Figure { what, measured, unit, limit: None, wanted: None });
        };
        figure("the status lists", f64::from(u32::try_from(bytes)?), "bytes");
        figure("compressing and signing the lists", signing * 1000.0, "ms");
        figure("verifying and inflating the lists", opening * 1000.0, "ms");
    }
    Ok(figures)
}

/// One of the lists, which the codes fill as far as they go; which of them are fallen is scattered.
fn entries(number: u32, one_in: u64) -> anyhow::Result<StatusEntries> {
    let mut entries = StatusEntries::fallen(STATUS_ENTRIES_MAX);
    for index in 0..STATUS_ENTRIES_MAX {
        let code = u64::from(number - 1) * u64::from(STATUS_ENTRIES_MAX) + u64::from(index);
        if code < CODES && !scatter(code).is_multiple_of(one_in) {
            entries.let_pass(index).context("there is such an entry")?;
        }
    }
    Ok(entries)
}

fn trust(
    root: &Signer,
    publisher: &Signer,
    issued: Seconds,
    numbers: impl Iterator<Item = u32>,
) -> anyhow::Result<TrustList> {
    let content = TrustContent {
        environment: Environment::Test,
        issuer: Issuer::CHINA,
        number: 1,
        issued,
        expires: issued.plus(STATUS_LIST_SECONDS_MAX),
        keys: vec![IssuerKey {
            public: publisher.public().clone(),
            key_use: KeyUse::Status,
            valid_from: issued,
            valid_until: issued.plus(STATUS_LIST_SECONDS_MAX),
            revoked_from: None,
        }],
        rules: Vec::new(),
        status_lists: numbers.map(|number| StatusListAddress { number, uri: uri(number) }).collect(),
    };
    let roots = PinnedRoots { environment: Environment::Test, keys: vec![root.public().clone()] };
    let opened = TrustList::open(&content.sign(root)?, &roots, None, issued.timestamp());
    opened.map_err(|refusal| anyhow!("{refusal:?}"))
}

fn uri(number: u32) -> String {
    format!("urn:yima:status-list:{number}")
}
