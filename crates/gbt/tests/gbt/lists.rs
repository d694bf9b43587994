//! The code lists: each code means one thing, and most texts mean nothing.

use yima_gbt::Decision;
use yima_gbt::code::{Coded, Grade, HighRiskStay, Indicator, LISTS, Origin, Sex, StatedGrade, SymptomCode};
use yima_gbt::{Moment, Standing, VerifyAnswer};
use yima_model::fact::{Answer, Symptom};
use yima_model::{Colour, DocumentKind, Level, Timestamp};

/// Every code of a list is read back, and none of these texts is one.
fn check<T: Coded + std::fmt::Debug>(codes: &[&str], foreign: &[&str]) {
    assert_eq!(T::LIST.codes, codes);
    assert!(LISTS.contains(&T::LIST), "{}", T::LIST.name);
    for (value, code) in T::ALL.iter().zip(codes) {
        assert_eq!((value.code(), T::from_code(code)), (*code, Some(*value)));
    }
    assert_eq!(T::ALL.len(), codes.len());
    for code in foreign.iter().chain(&["", " ", "x", "00 ", " 1", "１", "01\n", "-1", "null", "true"]) {
        assert_eq!(T::from_code(code), None, "{code:?} of {}", T::LIST.name);
    }
}

#[test]
fn each_list_has_its_codes_and_no_others() {
    check::<Grade>(&["00", "01", "10"], &["0", "1", "2", "02", "11", "20", "30", "green", "绿"]);
    let kinds = ["10", "14", "15", "16", "20", "34", "99"];
    check::<DocumentKind>(&kinds, &["1", "11", "12", "13", "17", "21", "98", "111"]);
    check::<Sex>(&["0", "1", "2", "9"], &["3", "01", "02", "M", "男"]);
    check::<SymptomCode>(&["1", "2", "3", "4", "5", "6"], &["0", "7", "01", "1^2"]);
    check::<Level>(&["1", "2", "3"], &["0", "4", "low"]);
    check::<Answer>(&["1", "2", "3"], &["0", "4", "yes"]);
    check::<HighRiskStay>(&["1", "2"], &["0", "3"]);
    check::<Indicator>(&["0", "1"], &["2", "false"]);
    check::<Origin>(&["1", "2"], &["0", "3"]);
}

#[test]
fn every_document_of_ours_and_every_colour_but_grey_has_a_code() {
    for kind in DocumentKind::ALL {
        assert_eq!(Coded::code(kind), kind.code().to_string());
    }
    for colour in Colour::ALL {
        assert_eq!(Grade::of(colour).map(Grade::code), colour.risk_code());
        assert_eq!(Grade::of(colour).map_or(Colour::Grey, Grade::colour), colour);
    }
}

#[test]
fn a_group_of_symptoms_counts_as_all_that_it_may_be_and_none_is_lost() {
    assert!(SymptomCode::None.symptoms().is_none());
    for code in SymptomCode::ALL.iter().filter(|code| **code != SymptomCode::None) {
        assert!(!code.symptoms().is_none(), "{code:?}");
    }
    for symptom in Symptom::ALL {
        assert!(SymptomCode::ALL.iter().any(|code| code.symptoms().has(*symptom)), "{symptom:?} has a group");
    }
    assert!(SymptomCode::ColdLike.symptoms().has(Symptom::Fever), "what may be a fever is one");
}

#[test]
fn an_unknown_grade_is_kept_as_it_was_stated_and_is_never_green() {
    for (code, known) in [("00", Some(Grade::Green)), ("01", Some(Grade::Yellow)), ("10", Some(Grade::Red))] {
        let stated = StatedGrade::from_code(code).unwrap();
        assert_eq!((stated.known(), stated.code()), (known, code));
    }
    for code in ["0", "1", "2", "02", "11", "30", "000", "green", "GREEN", "O0", "*", "12345678"] {
        let stated = StatedGrade::from_code(code).unwrap();
        assert_eq!((stated.known(), stated.code()), (None, code), "{code}");
    }
    for text in ["", " 00", "00 ", "绿", "123456789", "0\u{0}0", "0 0"] {
        assert_eq!(StatedGrade::from_code(text), None, "{text:?}");
    }
}

#[test]
fn only_a_green_that_holds_in_a_picture_that_counts_passes() {
    let moment = Moment::floor(Timestamp::from_millis(1_607_904_000_000)).unwrap();
    for code in ["", "00", "01", "10", "30", "02", "0"] {
        for code_expired in [false, true] {
            for report_expired in [false, true] {
                let grade = StatedGrade::from_code(code);
                let answer = VerifyAnswer {
                    code_expired,
                    code_expire_time: moment,
                    standing: Standing { grade, report_expired, report_valid_date: None },
                    data_source: Origin::Province,
                    auth_field: vec![],
                };
                let expected = match (code_expired, code, report_expired) {
                    (true, ..) => Decision::CannotTell,
                    (false, "00", false) => Decision::Pass,
                    (false, "01" | "10", _) => Decision::Stop,
                    (false, ..) => Decision::Lane,
                };
                assert_eq!(answer.decision(), expected, "{code} {code_expired} {report_expired}");
            }
        }
    }
    for decision in Decision::ALL {
        assert_eq!(Decision::from_word(decision.word()), Some(decision));
    }
}

#[test]
fn an_instant_is_written_in_beijing_time_to_the_second() {
    let at = Timestamp::parse("2020-12-14T08:00:00.999+08:00").unwrap();
    let moment = Moment::floor(at).unwrap();
    assert_eq!(moment.text(), "2020-12-14 08:00:00", "the second that it lies in");
    assert_eq!(Moment::parse("2020-12-14 08:00:00"), Some(moment));
    assert_eq!([Timestamp::BEGINNING, Timestamp::FOREVER].map(Moment::floor), [None, None]);
    let wrong = [
        "",
        "2020-12-14",
        "2020-12-14T08:00:00",
        "2020-12-14 8:00:00",
        "2020-12-14 08:00",
        "2020-12-14 24:00:00",
        "2020-02-30 08:00:00",
        "2020-12-14 08:00:60",
        "2020-12-14 08:00:00+08:00",
        "2020/12/14 08:00:00",
        "1969-12-31 08:00:00",
        "9999-12-31 08:00:00",
        "２020-12-14 08:00:00",
        "2020-12-14  8:00:00",
    ];
    for text in wrong {
        assert_eq!(Moment::parse(text), None, "{text}");
    }
}
