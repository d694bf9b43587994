//! What an expression evaluates to.

use std::borrow::Cow;

use serde_json::Value;
use thiserror::Error;

use super::expression::{Comparison, Expression, Fragment, Node, integer};
use super::time::{birth, moment, plus};
use crate::civil::{DAY_MILLIS, date_of};

/// Why an expression has no value for this data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum EvaluationError {
    /// A guard or operand that is neither truthy nor falsy.
    #[error("an operand is neither truthy nor falsy")]
    NeitherTruthyNorFalsy,
    /// An operand that must be an integer.
    #[error("an operand is no integer")]
    NotAnInteger,
    /// An operand that must be a date.
    #[error("an operand is no date")]
    NotADate,
    /// An operand that must be an array.
    #[error("an operand is no array")]
    NotAnArray,
    /// An operand that must be a text.
    #[error("an operand is no text")]
    NotAText,
    /// A text that is no date.
    #[error("a text is no date")]
    DateInvalid,
    /// A number or date past what can be represented.
    #[error("a number or date is out of range")]
    OutOfRange,
    /// More steps than any rule needs.
    #[error("the evaluation takes too many steps")]
    TooLong,
}

/// The most steps of one evaluation: nested folds over long lists end here.
const STEPS_MAX: u32 = 100_000;

impl Expression {
    /// The value for `data`, as JSON; a date is an instant in UTC with milliseconds.
    ///
    /// # Errors
    /// [`EvaluationError`] when an operand is of a type that its operation does not take.
    pub fn evaluate(&self, data: &Value) -> Result<Value, EvaluationError> {
        let mut steps = STEPS_MAX;
        evaluate(&self.0, Context::Data(data), &mut steps).map(Out::into_json)
    }

    /// Whether the value for `data` is `true`; any other value is not.
    ///
    /// # Errors
    /// [`EvaluationError`] as above.
    pub fn is_true(&self, data: &Value) -> Result<bool, EvaluationError> {
        let mut steps = STEPS_MAX;
        evaluate(&self.0, Context::Data(data), &mut steps).map(|value| matches!(value, Out::Boolean(true)))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Out<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(Cow<'a, str>),
    /// Milliseconds since 1970.
    Date(i64),
    Array(Vec<Out<'a>>),
    /// An array or object of the data, or a number with a fraction.
    Data(&'a Value),
}

/// What `var` looks into.
#[derive(Clone, Copy)]
enum Context<'c, 'a> {
    Data(&'a Value),
    /// Within a fold.
    Fold {
        current: &'c Out<'a>,
        accumulator: &'c Out<'a>,
    },
}

fn evaluate<'a>(node: &'a Node, context: Context<'_, 'a>, steps: &mut u32) -> Result<Out<'a>, EvaluationError> {
    spend(steps, 1)?;
    let mut value = |node: &'a Node| evaluate(node, context, steps);
    Ok(match node {
        Node::Boolean(boolean) => Out::Boolean(*boolean),
        Node::Integer(integer) => Out::Integer(*integer),
        Node::Text(text) => Out::Text(Cow::Borrowed(text)),
        Node::Array(items) => Out::Array(items.iter().map(value).collect::<Result<_, _>>()?),
        Node::Variable(path) => {
            let found = access(path, context);
            // A fold that puts what it has into an array twice, or once more around, would grow without an end.
            spend(steps, found.size())?;
            found
        }
        Node::If(parts) => {
            let [guard, then, otherwise] = parts.as_ref();
            if value(guard)?.is_truthy()? { value(then)? } else { value(otherwise)? }
        }
        Node::Equal(operands) => {
            let [left, right] = operands.as_ref();
            Out::Boolean(value(left)? == value(right)?)
        }
        Node::In(operands) => {
            let [item, list] = operands.as_ref();
            let (item, list) = (value(item)?, value(list)?);
            let items = list.items().ok_or(EvaluationError::NotAnArray)?;
            spend(steps, items.len())?;
            Out::Boolean(items.contains(&item))
        }
        Node::Plus(operands) => {
            let [left, right] = operands.as_ref();
            let sum = value(left)?.integer()?.checked_add(value(right)?.integer()?);
            Out::Integer(sum.ok_or(EvaluationError::OutOfRange)?)
        }
        Node::And(operands) => {
            let mut last = Out::Boolean(true);
            for operand in operands {
                last = value(operand)?;
                if !last.is_truthy()? {
                    break;
                }
            }
            last
        }
        Node::Compare(comparison, operands) => {
            let integers = operands.iter().map(|operand| value(operand)?.integer());
            holds(*comparison, &integers.collect::<Result<Vec<_>, _>>()?)
        }
        Node::CompareDates(comparison, operands) => {
            let dates = operands.iter().map(|operand| value(operand)?.date());
            holds(*comparison, &dates.collect::<Result<Vec<_>, _>>()?)
        }
        Node::Not(operand) => Out::Boolean(!value(operand)?.is_truthy()?),
        Node::PlusTime(date, amount, unit) => {
            let at = moment(&value(date)?.text()?).ok_or(EvaluationError::DateInvalid)?;
            Out::Date(plus(at, *amount, *unit).ok_or(EvaluationError::OutOfRange)?)
        }
        Node::DateOfBirth(date) => Out::Date(birth(&value(date)?.text()?).ok_or(EvaluationError::DateInvalid)?),
        Node::Reduce(parts) => return fold(parts, context, steps),
        Node::Extract(text, index) => match value(text)? {
            Out::Null => Out::Null,
            text => extract(text.text()?, *index),
        },
    })
}

fn spend(steps: &mut u32, count: usize) -> Result<(), EvaluationError> {
    let left = u32::try_from(count).ok().and_then(|count| steps.checked_sub(count));
    *steps = left.ok_or(EvaluationError::TooLong)?;
    Ok(())
}

fn fold<'a>(parts: &'a [Node; 3], context: Context<'_, 'a>, steps: &mut u32) -> Result<Out<'a>, EvaluationError> {
    let [operand, lambda, initial] = parts;
    let list = evaluate(operand, context, steps)?;
    let mut accumulator = evaluate(initial, context, steps)?;
    if list == Out::Null {
        return Ok(accumulator);
    }
    let items = list.items().ok_or(EvaluationError::NotAnArray)?;
    spend(steps, items.len())?;
    for current in items.iter() {
        let within = Context::Fold { current, accumulator: &accumulator };
        accumulator = evaluate(lambda, within, steps)?;
    }
    Ok(accumulator)
}

fn access<'a>(path: &'a [Fragment], context: Context<'_, 'a>) -> Out<'a> {
    let drill = |data: &'a Value, path: &'a [Fragment]| {
        let step = |value: &'a Value, fragment: &Fragment| match value {
            Value::Object(entries) => entries.get(&fragment.name),
            Value::Array(items) => items.get(fragment.index?),
            _ => None,
        };
        path.iter().try_fold(data, step).map_or(Out::Null, Out::of)
    };
    match (context, path) {
        (Context::Data(data), path) => drill(data, path),
        // The pair as a whole has no use: every rule names one of the two.
        (Context::Fold { .. }, []) => Out::Null,
        (Context::Fold { current, accumulator }, [first, rest @ ..]) => {
            let chosen = match first.name.as_str() {
                "current" => current,
                "accumulator" => accumulator,
                _ => return Out::Null,
            };
            match (chosen, rest) {
                (Out::Data(data), rest) => drill(data, rest),
                (chosen, []) => chosen.clone(),
                (Out::Array(items), [Fragment { index: Some(index), .. }]) => {
                    items.get(*index).cloned().unwrap_or(Out::Null)
                }
                _ => Out::Null,
            }
        }
    }
}

fn holds(comparison: Comparison, numbers: &[i64]) -> Out<'static> {
    let holds = |left: &i64, right: &i64| match comparison {
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
    };
    Out::Boolean(numbers.windows(2).all(|pair| matches!(pair, [left, right] if holds(left, right))))
}

/// The part of a unique certificate id with this number, counted behind the prefix.
fn extract(id: Cow<'_, str>, index: i64) -> Out<'_> {
    let parts = |id: &str| -> Option<String> {
        let body = id.strip_prefix("URN:UVCI:").unwrap_or(id);
        body.split(['/', '#', ':']).nth(usize::try_from(index).ok()?).map(str::to_owned)
    };
    parts(&id).map_or(Out::Null, |part| Out::Text(Cow::Owned(part)))
}

impl<'a> Out<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(boolean) => Self::Boolean(*boolean),
            Value::Number(number) => integer(number).map_or(Self::Data(value), Self::Integer),
            Value::String(text) => Self::Text(Cow::Borrowed(text)),
            Value::Array(_) | Value::Object(_) => Self::Data(value),
        }
    }

    /// How many values a copy of this takes.
    fn size(&self) -> usize {
        match self {
            Self::Array(items) => items.iter().map(Self::size).sum::<usize>() + 1,
            Self::Null | Self::Boolean(_) | Self::Integer(_) | Self::Text(_) | Self::Date(_) | Self::Data(_) => 1,
        }
    }

    fn is_truthy(&self) -> Result<bool, EvaluationError> {
        match self {
            Self::Null => Ok(false),
            Self::Boolean(boolean) => Ok(*boolean),
            Self::Integer(number) => Ok(*number != 0),
            Self::Text(text) => Ok(!text.is_empty()),
            Self::Array(items) => Ok(!items.is_empty()),
            Self::Data(Value::Array(items)) => Ok(!items.is_empty()),
            Self::Data(Value::Object(entries)) => Ok(!entries.is_empty()),
            Self::Data(_) | Self::Date(_) => Err(EvaluationError::NeitherTruthyNorFalsy),
        }
    }

    fn integer(&self) -> Result<i64, EvaluationError> {
        match self {
            Self::Integer(number) => Ok(*number),
            _ => Err(EvaluationError::NotAnInteger),
        }
    }

    fn date(&self) -> Result<i64, EvaluationError> {
        match self {
            Self::Date(at) => Ok(*at),
            _ => Err(EvaluationError::NotADate),
        }
    }

    fn text(self) -> Result<Cow<'a, str>, EvaluationError> {
        match self {
            Self::Text(text) => Ok(text),
            _ => Err(EvaluationError::NotAText),
        }
    }

    fn items(&self) -> Option<Cow<'_, [Self]>> {
        match self {
            Self::Array(items) => Some(Cow::Borrowed(items)),
            Self::Data(Value::Array(items)) => Some(items.iter().map(Out::of).collect()),
            _ => None,
        }
    }

    fn into_json(self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(boolean) => boolean.into(),
            Self::Integer(number) => number.into(),
            Self::Text(text) => text.into_owned().into(),
            Self::Date(at) => iso(at).into(),
            Self::Array(items) => items.into_iter().map(Self::into_json).collect(),
            Self::Data(value) => value.clone(),
        }
    }
}

fn iso(at: i64) -> String {
    let (year, month, day) = date_of(at.div_euclid(DAY_MILLIS));
    let time = at.rem_euclid(DAY_MILLIS);
    let (seconds, millis) = (time / 1000, time % 1000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}
