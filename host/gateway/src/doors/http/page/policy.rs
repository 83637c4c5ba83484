//! The rules that hold, what is wrong with the files, and how a call would be decided.
//!
//! Explaining sends nothing and records nothing; its form is a POST, since an input does not belong into an address.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use portcullis_model::{Code, Refusal};
use portcullis_policy::{Explanation, Mode, RuleLine, RuleProblem, Voices};

use super::Desk;
use super::admit::Signed;
use super::fields::Fields;
use super::frame::{Failure, Frame, html};
use crate::doors::OPERATOR;
use crate::invoke::Invocation;
use crate::visible::Visible;

/// A rule.
struct Line {
    id: Visible,
    effect: &'static str,
    shadow: bool,
    bundled: bool,
    why: Option<Visible>,
    text: Visible,
}

/// What is wrong with a file.
struct Problem {
    place: Visible,
    what: Visible,
    fix: Visible,
    warning: bool,
}

/// What a person wants explained, as they typed it.
struct Asked {
    action: String,
    agent: String,
    input: String,
}

/// How it would be decided.
struct Answer {
    decision: &'static str,
    rule: Visible,
    verbs: [(&'static str, &'static str, Visible, Visible); 2],
    notes: Vec<(&'static str, Visible)>,
    context: Visible,
}

#[derive(Template)]
#[template(path = "policy.html")]
struct Policy {
    frame: Frame,
    digest: String,
    timezone: Visible,
    problems: Vec<Problem>,
    rules: Vec<Line>,
    asked: Asked,
    answer: Option<Result<Answer, Visible>>,
}

/// `GET /policy`.
pub(super) async fn page(State(desk): State<Desk>, Extension(signed): Extension<Signed>) -> Response {
    let asked = Asked { action: String::new(), agent: OPERATOR.to_owned(), input: "{}".to_owned() };
    shown(&desk, &signed, asked, None)
}

/// `POST /policy/explain`.
pub(super) async fn explain(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(mut fields): Extension<Fields>,
) -> Result<Response, Failure> {
    let asked = Asked { action: fields.take("action"), agent: fields.take("agent"), input: fields.take("input") };
    fields.end()?;
    let answer = match asked.invocation() {
        Ok(invocation) => desk.0.door.service.explain(&signed.operator, invocation, None).await,
        Err(refusal) => Err(refusal),
    };
    let answer = answer.map(|why| Answer::new(&why)).map_err(|refusal| {
        let places = refusal.places().iter().map(|place| format!("; {}: {}", place.at, place.what));
        Visible::line(&format!("{refusal}{}", places.collect::<String>()))
    });
    Ok(shown(&desk, &signed, asked, Some(answer)))
}

fn shown(desk: &Desk, signed: &Signed, asked: Asked, answer: Option<Result<Answer, Visible>>) -> Response {
    let policy = desk.0.door.service.policy(&signed.operator);
    let page = Policy {
        frame: Frame::new(desk, signed, "policy", "Policy"),
        digest: policy.digest.to_string(),
        timezone: Visible::line(&policy.timezone),
        problems: policy.problems.iter().map(Problem::new).collect(),
        rules: policy.rules.iter().map(Line::new).collect(),
        asked,
        answer,
    };
    html(StatusCode::OK, &page)
}

impl Asked {
    fn invocation(&self) -> Result<Invocation, Refusal> {
        let unfit = |what: &str| Refusal::new(Code::BadRequest, format!("expected {what}"));
        Ok(Invocation {
            action: self.action.trim().parse().map_err(|_| unfit("an action: write PORT/ACTION"))?,
            agent: self.agent.trim().parse().map_err(|_| unfit("an agent's name"))?,
            input: self.input.clone(),
        })
    }
}

impl Line {
    fn new(rule: &RuleLine) -> Self {
        Self {
            id: Visible::line(&rule.id),
            effect: rule.effect,
            shadow: matches!(rule.mode, Mode::Shadow),
            bundled: rule.bundled,
            why: rule.why.as_deref().map(Visible::line),
            text: Visible::block(&rule.text),
        }
    }
}

impl Problem {
    fn new(problem: &RuleProblem) -> Self {
        let place = match (problem.at, &problem.rule) {
            (Some((line, column)), _) => format!("{}:{line}:{column}", problem.file),
            (None, Some(rule)) => format!("{}, rule {rule}", problem.file),
            (None, None) => problem.file.clone(),
        };
        Self {
            place: Visible::line(&place),
            what: Visible::line(&problem.what),
            fix: Visible::line(&problem.fix),
            warning: problem.warning,
        }
    }
}

impl Answer {
    fn new(why: &Explanation) -> Self {
        let notes = |name: &'static str, all: &[String]| -> Vec<_> {
            all.iter().map(|note| (name, Visible::line(note))).collect()
        };
        let context = serde_json::to_string_pretty(&why.context).unwrap_or_default();
        Self {
            decision: match why.decision {
                "allowed" => "Allowed without a person",
                "denied" => "Denied",
                _ => "Needs a person",
            },
            rule: Visible::line(&why.rule),
            verbs: [verb("invoke", &why.invoke), verb("invokeUnattended", &why.unattended)],
            notes: [
                notes("Cannot be evaluated", &why.errors),
                notes("Cannot be held", &why.unheld),
                notes("On trial", &why.shadow),
            ]
            .concat(),
            context: Visible::block(&context),
        }
    }
}

/// A verb, whether it is permitted, the rules for it and those against it.
fn verb(name: &'static str, voices: &Voices) -> (&'static str, &'static str, Visible, Visible) {
    let list = |names: &[String]| Visible::line(&if names.is_empty() { "none".to_owned() } else { names.join(", ") });
    let word = if voices.permitted { "permitted" } else { "not permitted" };
    (name, word, list(&voices.permits), list(&voices.forbids))
}
