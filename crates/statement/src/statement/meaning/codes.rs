//! The codes that mean something here: SARS-CoV-2 tests, their negative results, and COVID-19 vaccines.
//!
//! Source: the value sets of VCI to which the SMART Health Cards vaccination and testing implementation guide binds its
//! profiles (terminology.smarthealth.cards): `lab-qualitative-test-covid` and `lab-qualitative-result` 2023.1,
//! `immunization-covid-cvx`, `immunization-covid-snomed` and `immunization-covid-icd11` of 2023-06-16.
//! For the DCC the value sets of the EU: `vaccines-covid-19-names` of 2022-11-30, `sct-vaccines-covid-19` of 2023-01-25,
//! `covid-19-lab-test-type` and `covid-19-lab-result` of 2021-04-27. For seals the data set of testing of ICAO, `tr.tc`.
//! Each list is closed: a code that it does not have means nothing.

use serde_json::Value;

/// The codes of one code system that count.
pub(super) struct Codes {
    system: &'static str,
    codes: &'static [&'static str],
}

/// Whether a concept says one of these codes and, in the code systems that are listed, nothing else.
pub(super) fn says(concept: Option<&Value>, lists: &[Codes]) -> bool {
    let codings = concept.and_then(|concept| concept.get("coding")?.as_array()).into_iter().flatten();
    let mut is_said = false;
    for coding in codings {
        if lists.iter().any(|list| list.system == text(coding, "system")) {
            if !says_one(coding, lists) {
                return false;
            }
            is_said = true;
        }
    }
    is_said
}

/// Whether a coding says one of these codes.
pub(super) fn says_one(coding: &Value, lists: &[Codes]) -> bool {
    let mut of_system = lists.iter().filter(|list| list.system == text(coding, "system"));
    of_system.any(|list| list.codes.contains(&text(coding, "code")))
}

fn text<'a>(coding: &'a Value, name: &str) -> &'a str {
    coding.get(name).and_then(Value::as_str).unwrap_or_default()
}

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";
const CVX: &str = "http://hl7.org/fhir/sid/cvx";
const ICD_11: &str = "http://id.who.int/icd11/mms";
const ICD_11_OF_THE_GUIDE: &str = "http://id.who.int/icd/release/11/mms";

/// Tests that look for the virus in a sample of the airways or an unspecified one of the person: by RNA, a gene, antigen
/// or culture.
///
/// DIFFERENCE: of the published set what says nothing of an infection now is left out: antibodies and the answer of
/// immune cells, virus in blood, a donor's sample, a mutation of one gene, and panels of several viruses.
pub(super) const VIRUS_TESTS: &[Codes] = &[Codes {
    system: LOINC,
    codes: &[
        "94307-6", "94308-4", "94309-2", "94310-0", "94314-2", "94315-9", "94316-7", "94500-6", "94502-2", "94533-7",
        "94534-5", "94558-4", "94559-2", "94565-9", "94639-2", "94640-0", "94641-8", "94647-5", "94756-4", "94757-2",
        "94758-0", "94759-8", "94760-6", "94763-0", "94822-4", "94845-5", "95209-3", "95406-5", "95409-9", "95424-8",
        "95425-5", "95608-6", "95609-4", "95823-1", "95824-9", "96091-4", "96119-3", "96120-1", "96121-9", "96122-7",
        "96123-5", "96448-6", "96763-8", "96765-3", "96797-6", "96957-6", "96958-4", "96986-5", "97097-0", "97098-8",
        "98131-6", "98132-4", "98493-0", "98494-8",
    ],
}];

/// Those that look for the virus as a whole, by RNA or antigen: a negative one of a single gene says less.
pub(super) const WHOLE_VIRUS_TESTS: &[Codes] = &[Codes {
    system: LOINC,
    codes: &[
        "94309-2", "94500-6", "94565-9", "94759-8", "94845-5", "95406-5", "95608-6", "94558-4", "95209-3", "96119-3",
        "97097-0",
    ],
}];

/// "Not detected" and "negative".
pub(super) const NEGATIVE_RESULTS: &[Codes] = &[
    Codes { system: SNOMED, codes: &["260415000", "260385009"] },
    Codes { system: LOINC, codes: &["LA11883-8", "LA6577-6"] },
];

/// COVID-19 vaccines, with those of the seasons after the published set in CVX; no "unspecified" one.
pub(super) const VACCINES: &[Codes] = &[
    Codes {
        system: CVX,
        codes: &[
            "207", "208", "210", "211", "212", "217", "218", "219", "221", "225", "226", "227", "228", "229", "230",
            "300", "301", "302", "308", "309", "310", "311", "312", "313", "501", "502", "503", "504", "505", "506",
            "507", "508", "509", "510", "511", "512", "513", "514", "515", "516", "517", "518", "519", "520", "521",
        ],
    },
    Codes {
        system: SNOMED,
        codes: &[
            "1031000172108",
            "10871000172106",
            "10891000172107",
            "10901000172106",
            "125071000220108",
            "125081000220106",
            "125091000220109",
            "125101000220104",
            "125111000220101",
            "125121000220108",
            "1401000220108",
            "1411000220106",
            "1421000220104",
            "28571000087109",
            "28581000087106",
            "28761000087108",
            "28951000087107",
            "28961000087105",
            "29171000087106",
            "30151000087105",
            "31301000087101",
            "31311000087104",
            "31341000087103",
            "31431000087100",
            "33201000087108",
            "33211000087105",
            "33221000087102",
            "33361000087101",
            "33391000087109",
            "33401000087107",
            "33411000087109",
            "33421000087101",
            "33431000087104",
            "33441000087105",
            "33451000087108",
            "33461000087106",
            "33471000087102",
            "33581000087104",
            "33881000087102",
            "34591000087100",
            "34601000087108",
            "34611000087105",
            "34921000087108",
            "35651000087105",
            "37311000087109",
            "37651000087101",
            "384671000221101",
            "399651000221108",
            "399661000221105",
            "399681000221103",
            "399691000221100",
            "399701000221100",
            "399771000221108",
            "399781000221106",
            "399801000221105",
            "399811000221108",
            "399821000221103",
            "399861000221106",
            "399871000221102",
            "399881000221104",
            "399891000221101",
            "399901000221102",
            "399911000221104",
            "424531000221101",
            "424541000221108",
            "424551000221105",
            "424561000221107",
            "424571000221103",
            "424581000221100",
            "424591000221102",
            "424601000221107",
            "424611000221105",
            "424621000221100",
            "424631000221102",
            "424641000221109",
            "424651000221106",
            "424661000221108",
            "424671000221104",
            "424681000221101",
            "424691000221103",
            "424701000221103",
            "424711000221100",
            "424721000221105",
            "424731000221108",
            "424741000221101",
            "424751000221104",
            "424781000221109",
            "424791000221107",
            "424801000221108",
            "424821000221101",
            "424831000221103",
            "424971000221108",
            "425001000221100",
            "425011000221102",
            "425031000221105",
            "425051000221101",
            "62051000220105",
        ],
    },
    Codes { system: ICD_11, codes: ICD_VACCINES },
    Codes { system: ICD_11_OF_THE_GUIDE, codes: ICD_VACCINES },
];

/// Those of which one dose was the whole series: Ad26.COV2-S of Janssen.
pub(super) const VACCINES_OF_ONE_DOSE: &[Codes] = &[
    Codes { system: CVX, codes: &["212"] },
    Codes {
        system: SNOMED,
        codes: &["10901000172106", "28951000087107", "399821000221103", "424591000221102", "62051000220105"],
    },
    Codes { system: ICD_11, codes: &["XM6QV1"] },
    Codes { system: ICD_11_OF_THE_GUIDE, codes: &["XM6QV1"] },
];

/// COVID-19 vaccines in ICD-11: XM68M6 and what stands below it.
pub(super) const ICD_VACCINES: &[&str] = &[
    "XM68M6", "XM1NL1", "XM7HT3", "XM8866", "XM9TQ1", "XM1G90", "XM85P5", "XM9FQ7", "XM97N6", "XM2YG8", "XM0K39",
    "XM1AU2", "XM5DF6", "XM9QW8", "XM4YL8", "XM97T2", "XM6QV1", "XM1AG7", "XM5ZJ4", "XM5QM6", "XM0CX4", "XM5JC5",
    "XM3CT4", "XM3PG0", "XM4EC8", "XM6SZ8", "XM0RV9", "XM3SK8", "XM9P21", "XM9T65", "XM9N08", "XM1J92", "XM6AT1",
    "XM52P3", "XM0GQ8", "XM8NQ0", "XM3DT5",
];

/// Tests for the virus in a DCC, in LOINC: nucleic acid amplification, rapid immunoassay.
pub(super) const DCC_TESTS: &[&str] = &["LP6464-4", "LP217198-3"];

/// Results of tests in a DCC, in SNOMED CT: not detected, detected.
pub(super) const DCC_RESULTS: &[&str] = &["260415000", "260373001"];

/// Kinds of vaccine against COVID-19 in a DCC.
pub(super) const DCC_PROPHYLAXES: &[&str] = &[
    "1119305005",
    "1119349007",
    "J07BX03",
    "1162643001",
    "1157024006",
    "29061000087103",
    "28531000087107",
    "30141000087107",
    "1187593009",
];

/// Vaccines against COVID-19 in a DCC.
pub(super) const DCC_PRODUCTS: &[&str] = &[
    "EU/1/20/1528",
    "EU/1/20/1507",
    "EU/1/21/1529",
    "EU/1/20/1525",
    "CVnCoV",
    "NVX-CoV2373",
    "Sputnik-V",
    "Convidecia",
    "EpiVacCorona",
    "BBIBP-CorV",
    "Inactivated-SARS-CoV-2-Vero-Cell",
    "CoronaVac",
    "Covaxin",
    "Covishield",
    "Covid-19-recombinant",
    "R-COVI",
    "CoviVac",
    "Sputnik-Light",
    "Hayat-Vax",
    "Abdala",
    "WIBP-CorV",
    "MVC-COV1901",
    "EU/1/21/1618",
    "Covovax",
    "Vidprevtyn",
    "VLA2001",
    "EpiVacCorona-N",
    "Sputnik-M",
    "Covid-19-adsorvida-inativada",
    "NVSI-06-08",
    "YS-SC2-010",
    "SCTV01C",
    "Covifenz",
    "AZD2816",
    "Soberana-02",
    "Soberana-Plus",
    "EU/1/21/1624",
    "EU/1/21/1580",
    "EU/1/22/1709",
];

/// Vaccines against COVID-19 in a WHO certificate: products as in cards, or kinds as in a DCC.
pub(super) const DDCC_VACCINES: &[Codes] = &[
    Codes { system: ICD_11, codes: ICD_VACCINES },
    Codes { system: ICD_11_OF_THE_GUIDE, codes: ICD_VACCINES },
    Codes { system: SNOMED, codes: DCC_PROPHYLAXES },
];

/// Tests for the virus in a seal; the fourth of the data set is one for antibodies.
pub(super) const ICAO_TESTS: &[&str] = &["molecular(PCR)", "molecular(other)", "antigen"];
