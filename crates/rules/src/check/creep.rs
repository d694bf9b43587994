//! Words that no rule may ask for: a colour follows from health, place and time, and from nothing that a person is.

/// Why a word is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) message: &'static str,
    pub(super) help: &'static str,
}

const ORIGIN: Refusal = Refusal {
    message: "no rule asks for nationality, people or faith",
    help: "ask where the person arrived from and when: `arrival(in: …) within …`",
};
const WORK: Refusal = Refusal {
    message: "no rule asks for an occupation",
    help: "a duty of closed-loop work is filed as an isolation, a contact or a test; ask for these",
};
const RESIDENCE: Refusal = Refusal {
    message: "no rule asks where a household is registered",
    help: "ask where the person lives now: `dwelling(in: …)`",
};
const CONDUCT: Refusal = Refusal {
    message: "no rule asks what a person does, owns or complains about",
    help: "a colour serves no other purpose than this epidemic; leave it out",
};

const WORDS: [(Refusal, &[&str]); 4] = [
    (
        ORIGIN,
        &["nationality", "citizenship", "citizen", "foreigner", "ethnicity", "ethnic", "race", "religion", "faith"],
    ),
    (WORK, &["occupation", "profession", "job", "employer", "employment", "work", "industry", "trade"]),
    (RESIDENCE, &["hukou", "household", "household_registration", "registered_residence", "permanent_residence"]),
    (
        CONDUCT,
        &[
            "income",
            "debt",
            "credit",
            "petition",
            "petitioner",
            "depositor",
            "crime",
            "criminal_record",
            "smoking",
            "alcohol",
        ],
    ),
];

/// Why the word is refused, if it is.
pub(super) fn refusal(word: &str) -> Option<Refusal> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    WORDS.into_iter().find(|(_, words)| words.contains(&word.as_str())).map(|(refusal, _)| refusal)
}
