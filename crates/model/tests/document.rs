//! Numbers of identity documents: what is read, what is refused and with which reason.
//!
//! Check characters of the examples were computed by the weights of GB 11643-1999, not by the code under test.

use jiff::civil::Date;
use yima_model::document::{CharacterClass, DocumentError, IssuingState, Lengths, ResidencePermit};
use yima_model::{Document, DocumentKind};

const TODAY: Date = Date::constant(2026, 11, 21);

fn read(kind: DocumentKind, text: &str) -> Result<Document, DocumentError> {
    Document::parse(kind, None, text, TODAY)
}

fn check(kind: DocumentKind, text: &str, expected: Result<&str, DocumentError>) {
    let document = read(kind, text);
    let number = document.as_ref().map(|document| &**document.number().reveal()).map_err(|error| *error);
    assert_eq!(number, expected, "{text}");
    if let Ok(document) = document {
        assert_eq!(read(kind, document.number().reveal()).as_ref(), Ok(&document), "{text} is read back");
        assert!(!format!("{document:?}").contains(&**document.number().reveal()), "{text} is hidden");
    }
}

const fn character(position: usize, expected: CharacterClass) -> DocumentError {
    DocumentError::Character { position, expected }
}

const fn length(found: usize, expected: &'static [usize]) -> DocumentError {
    DocumentError::Length { found, expected: Lengths::OneOf(expected) }
}

const fn length_between(found: usize, first: usize, last: usize) -> DocumentError {
    DocumentError::Length { found, expected: Lengths::Between(first, last) }
}

#[test]
fn resident_numbers_are_read() {
    for number in [
        "440308199901101512",
        "610122198310134420",
        "61010219900101001X",
        "110101190001019991",
        "110101185001010018",
        "441900198505050037", // a city without counties
        "110101202611210019", // born today
        "610102199001011231",
    ] {
        check(DocumentKind::ResidentId, number, Ok(number));
    }
}

#[test]
fn careless_typing_is_the_same_number() {
    for text in [
        "61010219900101001x",
        " 610102 19900101 001X\t",
        "610102-19900101-001X",
        "６１０１０２１９９００１０１００１Ｘ",
        "610102　19900101　001ｘ",
        "\u{feff}610102\u{200b}19900101001X\u{a0}",
    ] {
        check(DocumentKind::ResidentId, text, Ok("61010219900101001X"));
    }
}

#[test]
fn fifteen_digits_are_the_same_document_as_eighteen() {
    for (old, new) in [
        ("610102900101123", "610102199001011231"),
        ("110103800229001", "110103198002290010"),
        ("610102491001123", "610102194910011236"),
        ("110101990101997", "110101189901019972"), // 996 to 999: born in the century before
        ("110101990101995", "110101199901019955"),
    ] {
        let (old, new) = (read(DocumentKind::ResidentId, old).unwrap(), read(DocumentKind::ResidentId, new).unwrap());
        assert_eq!(old, new);
        assert_eq!(old.canonical(), new.canonical());
    }
}

#[test]
fn wrong_resident_numbers_are_refused_by_the_wrong_part() {
    let digit = CharacterClass::Digit;
    let lengths: &[usize] = &[18, 15];
    for (text, expected) in [
        ("", DocumentError::Empty),
        (" - ", DocumentError::Empty),
        ("1", length(1, lengths)),
        ("61010219900101001", length(17, lengths)),
        ("61010219900101001XX", length(19, lengths)),
        ("6101029001011", length(13, lengths)),
        ("61010219900101O01X", character(15, digit)),
        ("X1010219900101001X", character(1, digit)),
        ("6101021990010100XX", character(17, digit)),
        ("61010219900101001Y", character(18, CharacterClass::DigitOrX)),
        ("61010290010112X", character(15, digit)),
        ("610102199001010０1王", character(18, CharacterClass::LetterOrDigit)),
        ("999999199001010016", DocumentError::AddressCode),
        ("610000199001010011", DocumentError::AddressCode), // a province is no county
        ("710000199001010015", DocumentError::AddressCode), // permits say 830000
        ("810101199001010010", DocumentError::AddressCode),
        ("000000900101123", DocumentError::AddressCode),
        ("99999919901301001X", DocumentError::AddressCode), // before the wrong date
        ("610102199002290016", DocumentError::BirthDate),
        ("110101190002290011", DocumentError::BirthDate), // 1900 had no leap day
        ("610102199000010016", DocumentError::BirthDate),
        ("610102199013010016", DocumentError::BirthDate),
        ("610102199004310016", DocumentError::BirthDate),
        ("610102000001010016", DocumentError::BirthDate),
        ("110101184912310017", DocumentError::BirthDate),
        ("110103198002310010", DocumentError::BirthDate), // 崇文区 is gone, but was there once
        ("610102901301123", DocumentError::BirthDate),
        ("110101202611220014", DocumentError::BirthDateInFuture), // born tomorrow
        ("15000019970319128X", DocumentError::AddressCode),
        ("110101197608056896", DocumentError::CheckCharacter),
        ("610102199001010011", DocumentError::CheckCharacter),
        ("610102199001011230", DocumentError::CheckCharacter),
        ("61010219900101123X", DocumentError::CheckCharacter),
    ] {
        check(DocumentKind::ResidentId, text, Err(expected));
        assert!(text.len() < 4 || !expected.to_string().contains(text));
    }
}

#[test]
fn the_address_code_was_in_use_at_some_time_since_the_birth() {
    let refused = Err(DocumentError::AddressCode);
    for (number, expected) in [
        ("110103198002290010", Ok(())), // 崇文区, until July 2010
        ("110103194910010039", Ok(())), // born before there were numbers
        ("110103200906150029", Ok(())),
        ("110103201006150028", Ok(())), // the table tells the state at the end of a year
        ("110103201106150025", refused),
        ("330103199001010019", Ok(())), // 下城区, until 2021
        ("330103202201010018", Ok(())), // gone at some time between the two editions
        ("330103202401010012", refused),
        ("659001198001010027", Ok(())),
        ("65901119800101002X", Ok(())),  // 新星市, since 2021: the number was given late
        ("110199202206150011", refused), // no such county, and the table knows that year
        ("110199202406150016", Ok(())),  // may be newer than the table
        ("99019920240615001X", refused), // but no province is
        ("660199202406150013", refused),
    ] {
        assert_eq!(read(DocumentKind::ResidentId, number).map(|_| ()), expected, "{number}");
    }
}

#[test]
fn residence_permits_share_the_scheme_and_stay_apart() {
    for (number, permit) in [
        ("810000199408230021", Some(ResidencePermit::HongKong)),
        ("810000199001010035", Some(ResidencePermit::HongKong)),
        ("820000200002290013", Some(ResidencePermit::Macau)),
        ("830000199201300022", Some(ResidencePermit::Taiwan)),
        ("610122198310134420", None),
    ] {
        check(DocumentKind::ResidentId, number, Ok(number));
        assert_eq!(read(DocumentKind::ResidentId, number).unwrap().residence_permit(), permit);
    }
    check(DocumentKind::ResidentId, "810000199408230022", Err(DocumentError::CheckCharacter));
}

#[test]
fn the_birth_date_is_known_where_the_number_carries_it() {
    let birth = |kind, text| read(kind, text).unwrap().birth().map(|birth| *birth.reveal());
    let date = |year, month, day| Some(Date::constant(year, month, day));
    assert_eq!(birth(DocumentKind::ResidentId, "610122198310134420"), date(1983, 10, 13));
    assert_eq!(birth(DocumentKind::ResidentId, "110101990101997"), date(1899, 1, 1));
    assert_eq!(birth(DocumentKind::PermanentResidentCard, "911124198108030024"), date(1981, 8, 3));
    assert_eq!(birth(DocumentKind::PermanentResidentCard, "CAN110081080310"), None);
    assert_eq!(birth(DocumentKind::HongKongMacauPermit, "H12345678"), None);
    assert_eq!(birth(DocumentKind::Other, "440308199901101512"), None);
}

#[test]
fn hong_kong_and_macau_permits() {
    let kind = DocumentKind::HongKongMacauPermit;
    let lengths: &[usize] = &[9, 11];
    for (text, expected) in [
        ("H12345678", Ok("H12345678")),
        ("m 1234 5678", Ok("M12345678")),
        ("H1234567801", Ok("H12345678")), // the second card of the same holder
        ("H1234567802", Ok("H12345678")),
        ("", Err(DocumentError::Empty)),
        ("H1234567", Err(length(8, lengths))),
        ("H123456789", Err(length(10, lengths))),
        ("C12345678", Err(character(1, CharacterClass::HongKongOrMacau))),
        ("123456789", Err(character(1, CharacterClass::HongKongOrMacau))),
        ("H1234567A", Err(character(9, CharacterClass::Digit))),
        ("H12345678A1", Err(character(10, CharacterClass::Digit))),
    ] {
        check(kind, text, expected);
    }
}

#[test]
fn taiwan_permits() {
    let lengths: &[usize] = &[8, 10, 11];
    for (text, expected) in [
        ("01234567", Ok("01234567")),
        ("0123456701", Ok("01234567")), // booklets: renewal count, then the authority in brackets
        ("0123456702(B)", Ok("01234567")),
        ("０１２３４５６７０２（b）", Ok("01234567")),
        ("01234567021", Ok("01234567")),
        ("", Err(DocumentError::Empty)),
        ("0123456", Err(length(7, lengths))),
        ("012345678", Err(length(9, lengths))),
        ("012345670123", Err(length(12, lengths))),
        ("T1234567", Err(character(1, CharacterClass::Digit))),
        ("01234567A1", Err(character(9, CharacterClass::Digit))),
    ] {
        check(DocumentKind::TaiwanPermit, text, expected);
    }
    for (text, expected) in [
        ("01234567", Ok("01234567")),
        ("t12345678", Ok("T12345678")),
        ("0123456701", Ok("0123456701")),
        ("0123456", Err(length_between(7, 8, 12))),
        ("0123456789012", Err(length_between(13, 8, 12))),
        ("0123456?", Err(character(8, CharacterClass::LetterOrDigit))),
    ] {
        check(DocumentKind::TaiwanSingleTripPermit, text, expected);
    }
}

#[test]
fn passports() {
    let check = |issuer: &str, text: &str, expected: Result<&str, DocumentError>| {
        let issuer = IssuingState::parse(issuer).unwrap();
        let document = Document::parse(DocumentKind::Passport, Some(issuer), text, TODAY);
        let number = document.as_ref().map(|document| &**document.number().reveal()).map_err(|error| *error);
        assert_eq!(number, expected, "{issuer} {text}");
        assert!(document.is_err() || document.unwrap().issuer() == Some(issuer));
    };
    check("CHN", "E12345678", Ok("E12345678"));
    check("CHN", "e a 1234567", Ok("EA1234567"));
    check("CHN", "G12345678", Ok("G12345678"));
    check("CHN", "K12345678", Ok("K12345678"));
    check("CHN", "PE1234567", Ok("PE1234567"));
    check("CHN", "E1234567", Err(length(8, &[9])));
    check("CHN", "E123456789", Err(length(10, &[9])));
    check("CHN", "EI1234567", Err(character(2, CharacterClass::LetterNotIO)));
    check("CHN", "EO1234567", Err(character(2, CharacterClass::LetterNotIO)));
    check("CHN", "Z12345678", Err(character(1, CharacterClass::PassportLetter)));
    check("CHN", "123456789", Err(character(1, CharacterClass::PassportLetter)));
    check("CHN", "EAB123456", Err(character(3, CharacterClass::Digit)));
    check("UTO", "L898902C3", Ok("L898902C3"));
    check("D", "c01x00t47", Ok("C01X00T47"));
    check("GBR", "12345", Ok("12345"));
    check("GBR", "1234", Err(length_between(4, 5, 9)));
    check("GBR", "1234567890", Err(length_between(10, 5, 9)));
    check("GBR", "12345678é", Err(character(9, CharacterClass::LetterOrDigit)));
    check("GBR", "", Err(DocumentError::Empty));
    assert_eq!(read(DocumentKind::Passport, "E12345678"), Err(DocumentError::IssuingState));
}

#[test]
fn issuing_states_are_read_as_in_the_machine_readable_zone() {
    assert_eq!(IssuingState::parse("CHN"), Ok(IssuingState::CHINA));
    assert_eq!(IssuingState::parse("DEU"), IssuingState::parse("D"));
    assert_eq!(IssuingState::parse("D").unwrap().to_string(), "D");
    for text in ["", "CH", "chn", "CHIN", "C1N", "中国"] {
        assert_eq!(IssuingState::parse(text), Err(DocumentError::IssuingState), "{text}");
    }
}

#[test]
fn permanent_resident_cards() {
    let lengths: &[usize] = &[18, 15];
    for (text, expected) in [
        ("CAN110081080310", Ok("CAN110081080310")),
        ("can 1100 8108 0310", Ok("CAN110081080310")),
        ("911124198108030024", Ok("911124198108030024")),
        ("", Err(DocumentError::Empty)),
        ("CAN11008108031", Err(length(14, lengths))),
        ("C1N110081080310", Err(character(2, CharacterClass::Letter))),
        ("CANA10081080310", Err(character(4, CharacterClass::Digit))),
        ("440308199901101512", Err(character(1, CharacterClass::Nine))),
        ("91112419810803002A", Err(character(18, CharacterClass::DigitOrX))),
        ("911124198113030029", Err(DocumentError::BirthDate)),
        ("911124203008030020", Err(DocumentError::BirthDateInFuture)),
        ("911124198108030025", Err(DocumentError::CheckCharacter)),
    ] {
        check(DocumentKind::PermanentResidentCard, text, expected);
    }
}

#[test]
fn other_documents_have_letters_and_digits_of_any_script() {
    let check = |text: &str, expected| check(DocumentKind::Other, text, expected);
    check("军字第1234567号", Ok("军字第1234567号"));
    check("ab-12 34", Ok("AB1234"));
    check("", Err(DocumentError::Empty));
    check("12/34", Err(character(3, CharacterClass::LetterOrDigit)));
    check(&"1".repeat(41), Err(length_between(41, 1, 40)));
}

#[test]
fn documents_of_different_kinds_or_issuers_are_found_apart() {
    let passport = |issuer| {
        let issuer = IssuingState::parse(issuer).unwrap();
        Document::parse(DocumentKind::Passport, Some(issuer), "E12345678", TODAY).unwrap().canonical()
    };
    assert_eq!(passport("CHN"), b"\x14CHNE12345678");
    assert_ne!(passport("CHN"), passport("D"));
    let number = |kind| read(kind, "01234567").unwrap().canonical();
    assert_eq!(number(DocumentKind::TaiwanPermit), b"\x0f<<<01234567");
    assert_ne!(number(DocumentKind::TaiwanPermit), number(DocumentKind::TaiwanSingleTripPermit));
}

#[test]
fn kinds_have_the_codes_of_the_interfaces() {
    assert_eq!(DocumentKind::ALL.map(DocumentKind::code), [10, 14, 15, 16, 20, 34, 99]);
    for kind in DocumentKind::ALL {
        assert_eq!(DocumentKind::from_code(kind.code()), Some(kind));
    }
    assert_eq!(DocumentKind::from_code(11), None);
}

#[test]
fn messages_say_what_to_compare() {
    assert_eq!(
        length(17, &[18, 15]).to_string(),
        "17 characters were typed and the number has 18 or 15; compare it with the document"
    );
    assert_eq!(
        length_between(4, 5, 9).to_string(),
        "4 characters were typed and the number has 5 to 9; compare it with the document"
    );
    assert_eq!(
        character(18, CharacterClass::DigitOrX).to_string(),
        "character 18 is not a digit or X; compare it with the document"
    );
}

#[cfg(test)]
mod typing_errors {
    use proptest::prelude::*;

    use super::*;

    /// The check character by the weights of the standard.
    fn with_check(body: &str) -> String {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = body.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        format!("{body}{}", char::from(b"10X98765432"[sum as usize % 11]))
    }

    fn number() -> impl Strategy<Value = String> {
        let address = prop::sample::select(vec!["610102", "110103", "441900", "659001", "810000", "830000", "542522"]);
        let (year, month, day) = (1930..2010_u32, 1..=12_u32, 1..=28_u32);
        (address, year, month, day, 0..1000_u32).prop_map(|(address, year, month, day, sequence)| {
            with_check(&format!("{address}{year}{month:02}{day:02}{sequence:03}"))
        })
    }

    proptest! {
        #[test]
        fn any_single_wrong_character_is_detected(number in number(), position in 0..18_usize, digit in b'0'..=b'9') {
            prop_assert!(read(DocumentKind::ResidentId, &number).is_ok());
            let mut typed = number.clone().into_bytes();
            typed[position] = digit;
            let typed = String::from_utf8(typed).unwrap();
            prop_assume!(typed != number);
            prop_assert!(read(DocumentKind::ResidentId, &typed).is_err(), "{} for {}", typed, number);
        }

        #[test]
        fn any_swapped_neighbours_are_detected(number in number(), position in 0..17_usize) {
            let mut typed = number.clone().into_bytes();
            typed.swap(position, position + 1);
            let typed = String::from_utf8(typed).unwrap();
            prop_assume!(typed != number);
            prop_assert!(read(DocumentKind::ResidentId, &typed).is_err(), "{} for {}", typed, number);
        }

        #[test]
        fn any_text_is_answered(text in ".{0,40}", kind in prop::sample::select(DocumentKind::ALL.to_vec())) {
            let document = Document::parse(kind, Some(IssuingState::CHINA), &text, TODAY);
            prop_assert!(document.is_err() || !document.unwrap().number().reveal().is_empty());
        }
    }
}
