//! DCC: from the text of the QR to header and content, typed.

use std::hint::black_box;
use std::path::Path;

use anyhow::{Result, anyhow, ensure};
use yima_statement::dcc::{self, Signed};

use crate::{clock, files, json};

pub(crate) fn measure(shared: &Path) -> Result<()> {
    let cases = files(&shared.join("dgc-testdata"), ".json")?;
    let texts = cases.iter().filter_map(|path| Some(json(path).ok()?["PREFIX"].as_str()?.to_owned()));
    // What all three read: each is stricter or laxer than the others somewhere.
    let texts: Vec<String> = texts
        .filter(|text| decode(text).is_ok() && dgc::decode(text).is_ok() && greenpass::parse(text).is_ok())
        .collect();
    ensure!(texts.len() > 100, "the suite has certificates that all three read");
    let mut turns = [(); 3].map(|()| texts.iter().map(String::as_str).cycle());
    let [ours, first, second] = &mut turns;
    let mut ours = || decode(ours.next().unwrap_or_default());
    let mut with_dgc = || {
        black_box(dgc::decode(black_box(first.next().unwrap_or_default())).map_err(|error| anyhow!("{error}"))?);
        Ok(())
    };
    let mut with_greenpass = || {
        black_box(greenpass::parse(black_box(second.next().unwrap_or_default())).map_err(|error| anyhow!("{error}"))?);
        Ok(())
    };
    let [ours, dgc, greenpass] = clock::rates([&mut ours, &mut with_dgc, &mut with_greenpass])?;
    for (name, rate) in [("dgc 0.0.7", dgc), ("greenpass 0.2.0", greenpass)] {
        let what = format!("decoding a DCC, typed, over {} of dgc-testdata", texts.len());
        println!("| {what} | {ours:.0} /s | {name}: {rate:.0} /s | {:.2} |", ours / rate);
    }
    Ok(())
}

fn decode(text: &str) -> Result<()> {
    let object = dcc::unpack(black_box(text)).map_err(|refusal| anyhow!("{refusal}"))?;
    let signed = Signed::parse(&object).map_err(|refusal| anyhow!("{refusal}"))?;
    let claims = signed.claims().map_err(|refusal| anyhow!("{refusal}"))?;
    black_box(claims.payload.certificate()?);
    Ok(())
}
