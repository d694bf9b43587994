//! The vectors of RFC 9497 (A.1.2, ristretto255-SHA512, verifiable mode), and what must not pass.

use std::cell::Cell;

use jiff::civil::Date;
use yima_model::DocumentKind;

use super::*;

const PUBLIC: &str = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e";
const BLIND: &str = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706";
const PROOF_SCALAR: &str = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e";

struct Vector {
    input: Vec<u8>,
    blinded: &'static str,
    evaluated: &'static str,
    proof: &'static str,
    output: &'static str,
}

fn vectors() -> [Vector; 2] {
    [
        Vector {
            input: vec![0],
            blinded: "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
            evaluated: "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
            proof: "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff0fcb2a75\
                    9f58a539dfbe857a40bce4cf49ec600d",
            output: "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af4\
                     3a491351d23b430948dd50cde10d32b3c",
        },
        Vector {
            input: vec![0x5a; 17],
            blinded: "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
            evaluated: "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
            proof: "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd936051dec80b0b6ae2\
                    9c9503493dde7393b722eafdf5a50b02",
            output: "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e48\
                     0906d27ecd994985890e5f539e7ea74b6",
        },
    ]
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Randomness from which the library makes this scalar: it reduces 64 bytes, the lowest first.
fn scalar(hex: &str) -> impl Fn(&mut [u8]) {
    let wide = [bytes(hex), vec![0; 32]].concat();
    move |to| to.copy_from_slice(&wide)
}

fn counting() -> impl Fn(&mut [u8]) {
    let count = Cell::new(1u8);
    move |to| to.fill_with(|| count.replace(count.get().wrapping_mul(5).wrapping_add(3)))
}

fn key() -> CardKey {
    CardKey::derive(&[0xa3; 32], b"test key").unwrap()
}

fn document(number: &str) -> Document {
    Document::parse(DocumentKind::ResidentId, None, number, Date::constant(2020, 12, 14)).unwrap()
}

#[test]
fn the_vectors_of_the_standard_come_out() {
    let key = key();
    assert_eq!(key.public().bytes().as_slice(), bytes(PUBLIC));
    assert_eq!(PublicCardKey::from_bytes(&bytes(PUBLIC)), Ok(key.public()));
    for vector in vectors() {
        let (question, blinded) = Question::ask_input(vector.input.clone(), &scalar(BLIND)).unwrap();
        assert_eq!(blinded.as_slice(), bytes(vector.blinded));
        let evaluation = key.evaluate(&blinded, &scalar(PROOF_SCALAR)).unwrap();
        assert_eq!(evaluation.element.as_slice(), bytes(vector.evaluated));
        assert_eq!(evaluation.proof.as_slice(), bytes(vector.proof));
        let result = question.finish(&evaluation, &key.public()).unwrap();
        assert_eq!(result.0.as_slice(), bytes(vector.output));
        assert_eq!(key.result_of(&vector.input), Ok(result), "the node computes the same by itself");
    }
}

#[test]
fn a_reader_learns_what_the_node_has_for_the_document_and_no_two_questions_are_alike() {
    let (key, random) = (key(), counting());
    let [one, other] = ["61010219900101001X", "610102201503070012"].map(document);
    let ask = |document| {
        let (question, blinded) = Question::ask(document, &random).unwrap();
        (blinded, question.finish(&key.evaluate(&blinded, &random).unwrap(), &key.public()).unwrap())
    };
    let [(first, result), (second, again)] = [ask(&one), ask(&one)];
    assert_ne!(first, second, "what is sent tells nothing of the document");
    assert_eq!((result, again), (key.result(&one).unwrap(), key.result(&one).unwrap()));
    assert_ne!(ask(&other).1, result);
    let elsewhere = CardKey::derive(&[1; 32], b"test key").unwrap();
    assert_ne!(elsewhere.result(&one).unwrap(), result);
    assert_eq!(format!("{key:?} {result:?}"), "CardKey(…) CardResult(…)");
}

#[test]
fn another_key_or_a_changed_answer_is_found_out() {
    let (key, random) = (key(), counting());
    let document = document("61010219900101001X");
    let ask = || Question::ask(&document, &random).unwrap();
    let (question, blinded) = ask();
    assert_eq!(format!("{question:?}"), "Question(…)");
    let tagging = CardKey::derive(&[1; 32], b"a key for one reader").unwrap();
    let tagged = tagging.evaluate(&blinded, &random).unwrap();
    assert_eq!(question.finish(&tagged, &key.public()), Err(CardError::Proof));
    for at in 0..PROOF_LENGTH {
        let (question, blinded) = ask();
        let mut changed = key.evaluate(&blinded, &random).unwrap();
        changed.proof[at] ^= 1;
        assert_eq!(question.finish(&changed, &key.public()), Err(CardError::Proof), "{at}");
    }
    let (question, _) = ask();
    let (_, of_another) = ask();
    let answer = key.evaluate(&of_another, &random).unwrap();
    assert_eq!(question.finish(&answer, &key.public()), Err(CardError::Proof), "an answer to another question");
}

#[test]
fn what_is_no_element_is_refused() {
    let (key, random) = (key(), counting());
    let neutral = [0; ELEMENT_LENGTH];
    let element = key.public().bytes();
    for wrong in [&[][..], &element[..31], &[&element[..], &[0]].concat(), &neutral, &[0xff; 32]] {
        assert_eq!(key.evaluate(wrong, &random), Err(CardError::Element));
        assert_eq!(PublicCardKey::from_bytes(wrong), Err(CardError::Element));
    }
    let (question, blinded) = Question::ask(&document("61010219900101001X"), &random).unwrap();
    let mut answer = key.evaluate(&blinded, &random).unwrap();
    answer.element = neutral;
    assert_eq!(question.finish(&answer, &key.public()), Err(CardError::Element));
}
