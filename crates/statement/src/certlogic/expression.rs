//! Well-formed expressions.

use serde_json::Value;
use thiserror::Error;

use super::time::Unit;

/// The most levels of an expression; the deepest published rule has sixteen.
const DEPTH_MAX: usize = 64;

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Neither a literal nor an array nor an operation.
    #[error("invalid CertLogic expression")]
    NotAnExpression,
    /// A number with a fraction.
    #[error("a number must be an integer")]
    NotAnInteger,
    /// An object with no key, or several.
    #[error("an expression must have exactly one key, but it has {0}")]
    NotOneKey(usize),
    /// The operands are no array.
    #[error("an operation must be of the form {{ \"<operator>\": [ <values...> ] }}")]
    NotAnOperation,
    /// A data access whose path is no text.
    #[error("a data access must be of the form {{ \"var\": \"<path>\" }}")]
    NotAPath,
    /// A path with an empty fragment.
    #[error("the path `{0}` of a data access has an empty fragment")]
    PathInvalid(String),
    /// An operator that CertLogic does not have.
    #[error("unknown operator `{0}`")]
    OperatorUnknown(String),
    /// Too few or too many operands.
    #[error("`{operator}` does not take {given} operands")]
    OperandCount {
        /// The operator.
        operator: &'static str,
        /// How many it was given.
        given: usize,
    },
    /// An operand that must be a literal of another kind.
    #[error("operand {position} of `{operator}` must be {expected}")]
    OperandKind {
        /// The operator.
        operator: &'static str,
        /// Which operand, from 1.
        position: usize,
        /// What it must be.
        expected: &'static str,
    },
    /// More than 64 levels.
    #[error("the expression is nested too deeply")]
    TooDeep,
}

/// A fault, and the part of the expression that has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// The part.
    pub expression: Value,
    /// Its fault.
    pub fault: Fault,
}

/// A well-formed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(pub(super) Node);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Boolean(bool),
    Integer(i64),
    Text(String),
    Array(Vec<Node>),
    Variable(Vec<Fragment>),
    If(Box<[Node; 3]>),
    Equal(Box<[Node; 2]>),
    In(Box<[Node; 2]>),
    Plus(Box<[Node; 2]>),
    And(Vec<Node>),
    /// Of integers, between each pair of neighbours.
    Compare(Comparison, Vec<Node>),
    /// Of dates, between each pair of neighbours.
    CompareDates(Comparison, Vec<Node>),
    Not(Box<Node>),
    PlusTime(Box<Node>, i64, Unit),
    DateOfBirth(Box<Node>),
    /// Operand, lambda, initial.
    Reduce(Box<[Node; 3]>),
    Extract(Box<Node>, i64),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fragment {
    pub(super) name: String,
    pub(super) index: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Every [`Issue`] that it has.
    pub fn parse(expression: &Value) -> Result<Self, Vec<Issue>> {
        let mut issues = Vec::new();
        let node = read(expression, 1, &mut issues);
        match node {
            Some(node) if issues.is_empty() => Ok(Self(node)),
            _ => Err(issues),
        }
    }
}

/// Reads a part; `None` if an issue was noted.
fn read(expression: &Value, depth: usize, issues: &mut Vec<Issue>) -> Option<Node> {
    let fault = match expression {
        _ if depth > DEPTH_MAX => Fault::TooDeep,
        Value::Null => Fault::NotAnExpression,
        Value::Bool(boolean) => return Some(Node::Boolean(*boolean)),
        Value::Number(number) => match integer(number) {
            Some(integer) => return Some(Node::Integer(integer)),
            None => Fault::NotAnInteger,
        },
        Value::String(text) => return Some(Node::Text(text.clone())),
        Value::Array(items) => return read_all(items, depth, issues).map(Node::Array),
        Value::Object(entries) => match (entries.len(), entries.iter().next()) {
            (1, Some((operator, operand))) => {
                let before = issues.len();
                match read_operation(operator, operand, depth, issues) {
                    Ok(node) => return node,
                    Err(_) if issues.len() > before => return None,
                    Err(fault) => fault,
                }
            }
            (keys, _) => Fault::NotOneKey(keys),
        },
    };
    issues.push(Issue { expression: expression.clone(), fault });
    None
}

/// A number without fraction, as JavaScript has it: `1.0` is an integer.
#[expect(clippy::cast_possible_truncation, reason = "no fraction, within 53 bits")]
pub(super) fn integer(number: &serde_json::Number) -> Option<i64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    let whole = |float: &f64| float.fract() == 0.0 && float.abs() <= EXACT_MAX;
    number.as_i64().or_else(|| number.as_f64().filter(whole).map(|float| float as i64))
}

fn read_all(items: &[Value], depth: usize, issues: &mut Vec<Issue>) -> Option<Vec<Node>> {
    let nodes: Vec<_> = items.iter().map(|item| read(item, depth + 1, issues)).collect();
    nodes.into_iter().collect()
}

fn read_operation(
    operator: &str,
    operand: &Value,
    depth: usize,
    issues: &mut Vec<Issue>,
) -> Result<Option<Node>, Fault> {
    if operator == "var" {
        return read_path(operand).map(|path| Some(Node::Variable(path)));
    }
    let operands = operand.as_array().ok_or(Fault::NotAnOperation)?;
    let mut reading = Operands { operands, depth, issues };
    match operator {
        "if" => Ok(reading.exactly("if")?.map(|nodes| Node::If(Box::new(nodes)))),
        "===" => Ok(reading.exactly("===")?.map(|nodes| Node::Equal(Box::new(nodes)))),
        "in" => Ok(reading.exactly("in")?.map(|nodes| Node::In(Box::new(nodes)))),
        "+" => Ok(reading.exactly("+")?.map(|nodes| Node::Plus(Box::new(nodes)))),
        "and" => Ok(reading.between("and", 2, usize::MAX)?.map(Node::And)),
        "!" => Ok(reading.exactly("!")?.map(|[node]| Node::Not(Box::new(node)))),
        "<" => reading.comparison("<", Comparison::Less),
        "<=" => reading.comparison("<=", Comparison::LessOrEqual),
        ">" => reading.comparison(">", Comparison::Greater),
        ">=" => reading.comparison(">=", Comparison::GreaterOrEqual),
        "before" => reading.dates("before", Comparison::Less),
        "not-after" => reading.dates("not-after", Comparison::LessOrEqual),
        "after" => reading.dates("after", Comparison::Greater),
        "not-before" => reading.dates("not-before", Comparison::GreaterOrEqual),
        "plusTime" => reading.plus_time(),
        "dccDateOfBirth" => Ok(reading.exactly("dccDateOfBirth")?.map(|[node]| Node::DateOfBirth(Box::new(node)))),
        "reduce" => Ok(reading.exactly("reduce")?.map(|nodes| Node::Reduce(Box::new(nodes)))),
        "extractFromUVCI" | "extractFromUCI" => reading.extract(),
        unknown => Err(Fault::OperatorUnknown(unknown.to_owned())),
    }
}

fn read_path(path: &Value) -> Result<Vec<Fragment>, Fault> {
    let path = path.as_str().ok_or(Fault::NotAPath)?;
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let fragment = |name: &str| match name {
        "" => Err(Fault::PathInvalid(path.to_owned())),
        _ => Ok(Fragment { name: name.to_owned(), index: name.parse().ok() }),
    };
    path.split('.').map(fragment).collect()
}

struct Operands<'a> {
    operands: &'a [Value],
    depth: usize,
    issues: &'a mut Vec<Issue>,
}

impl Operands<'_> {
    fn exactly<const N: usize>(&mut self, operator: &'static str) -> Result<Option<[Node; N]>, Fault> {
        Ok(self.between(operator, N, N)?.and_then(|nodes| nodes.try_into().ok()))
    }

    fn between(&mut self, operator: &'static str, least: usize, most: usize) -> Result<Option<Vec<Node>>, Fault> {
        let given = self.operands.len();
        if given < least || given > most {
            return Err(Fault::OperandCount { operator, given });
        }
        Ok(read_all(self.operands, self.depth, self.issues))
    }

    fn comparison(&mut self, operator: &'static str, comparison: Comparison) -> Result<Option<Node>, Fault> {
        Ok(self.between(operator, 2, 3)?.map(|nodes| Node::Compare(comparison, nodes)))
    }

    fn dates(&mut self, operator: &'static str, comparison: Comparison) -> Result<Option<Node>, Fault> {
        Ok(self.between(operator, 2, 3)?.map(|nodes| Node::CompareDates(comparison, nodes)))
    }

    fn plus_time(&mut self) -> Result<Option<Node>, Fault> {
        let operator = "plusTime";
        let unit = Fault::OperandKind { operator, position: 3, expected: "one of `year`, `month`, `day`, `hour`" };
        let node = self.exactly(operator)?.map(|nodes| match nodes {
            [date, Node::Integer(amount), Node::Text(name)] => {
                let unit = Unit::named(&name).ok_or(unit)?;
                Ok(Node::PlusTime(Box::new(date), amount, unit))
            }
            [_, Node::Integer(_), _] => Err(unit),
            _ => Err(Fault::OperandKind { operator, position: 2, expected: "an integer" }),
        });
        node.transpose()
    }

    fn extract(&mut self) -> Result<Option<Node>, Fault> {
        let operator = "extractFromUVCI";
        let node = self.exactly(operator)?.map(|nodes| match nodes {
            [text, Node::Integer(index)] => Ok(Node::Extract(Box::new(text), index)),
            _ => Err(Fault::OperandKind { operator, position: 2, expected: "an integer" }),
        });
        node.transpose()
    }
}
