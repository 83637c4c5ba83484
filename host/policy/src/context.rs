//! The context of one decision, as Cedar sees it: of the request and its circumstances only what rules read.

use cedar_policy::{Context, RestrictedExpression as Expression};
use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use portcullis_model::{Body, RoutedRequest, parse_strict};
use serde_json::{Value, json};

use crate::reads::Need;
use crate::shape::Shape;
use crate::situation::{Situation, Windows};
use crate::values::{Unheld, Values};

/// Every part of the context.
pub(crate) const PARTS: [&str; 11] =
    ["input", "method", "path", "query", "body", "form", "bodyBytes", "now", "time", "calls", "callsOfAgent"];

/// A context, and what could not be put into it.
pub(crate) struct Seen {
    pub(crate) context: Context,
    pub(crate) unheld: Vec<Unheld>,
}

/// What a context is made of.
pub(crate) struct Sources<'a> {
    pub(crate) request: &'a RoutedRequest,
    pub(crate) situation: &'a Situation<'a>,
    pub(crate) zone: &'a TimeZone,
    pub(crate) input: &'a Shape,
    pub(crate) body: &'a Shape,
}

impl Sources<'_> {
    /// Builds what is needed.
    pub(crate) fn see(&self, need: &Need) -> Seen {
        let mut values = Values::default();
        let mut pairs = Vec::new();
        for part in PARTS {
            if let Some(need) = need.of(part)
                && let Some(value) = self.part(part, need, &mut values)
            {
                pairs.push((part.to_owned(), value));
            }
        }
        let context = Context::from_pairs(pairs).unwrap_or_else(|_| {
            // Nothing above can make it fail; if something does, no rule sees anything and nothing goes unattended.
            values.cannot("context", "cannot be built");
            Context::empty()
        });
        Seen { context, unheld: values.into_unheld() }
    }

    fn part(&self, part: &str, need: &Need, values: &mut Values) -> Option<Expression> {
        let description = self.request.description();
        let action = self.request.binding().action();
        match part {
            "input" => match self.situation.input.map(parse_strict) {
                Some(Ok(input)) => values.named(part, &input, need, self.input),
                _ => {
                    values.cannot(part, "is not known any more");
                    None
                }
            },
            "method" => Some(Expression::new_string(self.request.method().as_str().to_owned())),
            "path" => {
                let path = action.path.values(&description.path).into_iter().map(|(name, text)| (name, text.into()));
                values.named(part, &Value::Object(path.collect()), need, &Shape::Any)
            }
            "query" => values.texts(part, &description.query, need),
            "body" => match &description.body {
                Some(Body::Json(text)) => match parse_strict(text) {
                    Ok(body) => values.named(part, &body, need, self.body),
                    Err(_) => {
                        values.cannot(part, "is not JSON");
                        None
                    }
                },
                _ => None,
            },
            "form" => match &description.body {
                Some(Body::Form(fields)) => values.texts(part, fields, need),
                _ => None,
            },
            "bodyBytes" => {
                let bytes = self.request.body().map_or(0, |body| body.bytes().len());
                values.named(part, &json!(bytes), need, &Shape::Long)
            }
            "now" | "time" => self.moment(part, need, values),
            "calls" | "callsOfAgent" => match self.situation.sent {
                Some(sent) => {
                    let Windows { minute, hour, day } = if part == "calls" { sent.calls } else { sent.calls_of_agent };
                    values.named(part, &json!({"minute": minute, "hour": hour, "day": day}), need, &Shape::Any)
                }
                None => {
                    values.cannot(part, "is not known: too many calls at once, or none could be counted");
                    None
                }
            },
            _ => None,
        }
    }

    fn moment(&self, part: &str, need: &Need, values: &mut Values) -> Option<Expression> {
        let now = i64::try_from(self.situation.now_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let Some(now) = now else {
            values.cannot(part, "is not known: the machine's clock is not right");
            return None;
        };
        if part == "now" {
            return Some(Expression::new_datetime(now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()));
        }
        let here = now.to_zoned(self.zone.clone());
        let (hour, minute) = (i64::from(here.hour()), i64::from(here.minute()));
        let time = json!({
            "hour": hour, "minute": minute, "minuteOfDay": hour * 60 + minute, "weekday": weekday(here.weekday()),
            "date": here.date().to_string(),
        });
        values.named(part, &time, need, &Shape::Any)
    }
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}
