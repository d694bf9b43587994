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
    help: "closed-loop duty is filed as an isolation: `isolation(closed-loop)`; ask for nothing else of somebody's work",
};
const RESIDENCE: Refusal = Refusal {
    message: "no rule asks where a household is registered",
    help: "ask where the person lives now: `dwelling(in: …)`",
};
const CONDUCT: Refusal = Refusal {
    message: "no rule asks what a person does, owns or complains about",
    help: "a colour serves no other purpose than this epidemic; leave it out",
};

/// English words, which stand alone or with an s, and Chinese ones, which stand anywhere in a text.
const WORDS: [(Refusal, &[&str]); 4] = [
    (
        ORIGIN,
        &[
            "nationality",
            "citizenship",
            "citizen",
            "foreigner",
            "ethnicity",
            "ethnic",
            "race",
            "religion",
            "faith",
            "国籍",
            "國籍",
            "民族",
            "宗教",
            "foreign",
            "native_place",
            "外国人",
            "外國人",
            "外籍",
            "籍贯",
            "籍貫",
            "籍人员",
            "籍人員",
            "华侨",
            "華僑",
            "护照",
            "護照",
        ],
    ),
    (
        WORK,
        &[
            "occupation",
            "profession",
            "job",
            "employer",
            "employment",
            "work",
            "industry",
            "trade",
            "职业",
            "職業",
            "行业",
            "行業",
            "worker",
            "employee",
            "driver",
            "courier",
            "staff",
            "员工",
            "員工",
            "司机",
            "司機",
            "务工",
            "務工",
            "快递员",
            "快遞員",
            "从业",
            "從業",
        ],
    ),
    (
        RESIDENCE,
        &[
            "hukou",
            "household",
            "household_registration",
            "registered_residence",
            "permanent_residence",
            "户籍",
            "戶籍",
            "户口",
            "戶口",
        ],
    ),
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
            "上访",
            "上訪",
            "信访",
            "信訪",
            "储户",
            "儲戶",
            "维权",
            "維權",
            "征信",
            "徵信",
            "维稳",
            "維穩",
        ],
    ),
];

/// Why something that is called this is refused, if it is: a word of the text is one of those that no rule asks for.
pub(super) fn spoken_of(text: &str) -> Option<Refusal> {
    let words = || text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let alone = words().find_map(|word| refusal(word).or_else(|| refusal(word.strip_suffix(['s', 'S'])?)));
    let phrase = || refusal(&words().collect::<Vec<_>>().join("_"));
    let contained = |(refusal, known): (Refusal, &[&str])| {
        known.iter().any(|known| !known.is_ascii() && text.contains(known)).then_some(refusal)
    };
    alone.or_else(phrase).or_else(|| WORDS.into_iter().find_map(contained))
}

/// Why the word is refused, if it is.
pub(super) fn refusal(word: &str) -> Option<Refusal> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    WORDS.into_iter().find(|(_, words)| words.contains(&word.as_str())).map(|(refusal, _)| refusal)
}
