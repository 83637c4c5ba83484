//! One operation as an action: everything that it takes and answers must be something that an action can say.

use std::collections::BTreeSet;

use portcullis_model::{Method, QueryKey};
use serde_json::{Value, json};

use super::answer::Answer;
use super::body::{self, Body};
use super::declared::{tags, template};
use super::operations::Operation;
use super::parameter::{self, Described, Said};
use super::pool::Pool;
use super::reason::{Reason, Unsayable};
use super::remark::Remark;
use super::report::shown;
use super::route::Route;
use super::security::Asks;
use super::server::Server;
use super::streaming;
use crate::{ActionTemplate, Place};

/// Parameters of one operation that are looked at.
const MAX_PARAMETERS: usize = 500;

/// Most query keys of an action, as a manifest has it.
const MAX_QUERY_KEYS: usize = 128;

/// An action, and what there is to say of it.
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) template: ActionTemplate,
    /// Definitions that it refers to itself.
    pub(super) needs: BTreeSet<String>,
    pub(super) asks: Asks,
    pub(super) remarks: Vec<Remark>,
    pub(super) examples: Vec<OwnExample>,
    pub(super) tags: Vec<String>,
}

/// An example that the description gives of one input.
pub(super) struct OwnExample {
    pub(super) place: Place,
    /// None for a body that is one value.
    pub(super) name: Option<String>,
    pub(super) value: Value,
}

impl Draft {
    /// Makes an action of an operation.
    pub(super) fn of(
        pool: &mut Pool<'_>,
        server: &Server,
        operation: &Operation<'_>,
        may_stream: bool,
    ) -> Result<Self, Reason> {
        let method = operation.method()?;
        let described = operation.body;
        if !described.is_object() {
            return Err(Reason::Malformed("expected an operation".to_owned()));
        }
        let base = match server.base_of(described)? {
            Some(base) => base,
            None => server.base_of(operation.item)?.unwrap_or_else(|| server.base.clone()),
        };
        let route = Route::of(&base, operation.route)?;
        let answer = Answer::of(pool.description, described)?;
        let asks = Asks::of(pool.description, described)?;
        let mut draft = Self {
            title: operation.title.clone(),
            template: template(operation, method, &route, answer.result),
            needs: BTreeSet::new(),
            asks,
            remarks: Vec::new(),
            examples: Vec::new(),
            tags: tags(described),
        };
        if let Some((_, fragment)) = operation.path.split_once('#') {
            draft.remarks.push(Remark::Fragment(shown(fragment)));
        }
        draft.parameters(pool, operation, &route, may_stream)?;
        draft.body(pool, described, method, may_stream)?;
        Ok(draft)
    }

    /// Parameters of the path and then of the operation, which has the last word (OpenAPI 3.1.1, section 4.8.10.1).
    fn parameters(
        &mut self,
        pool: &mut Pool<'_>,
        operation: &Operation<'_>,
        route: &Route,
        may_stream: bool,
    ) -> Result<(), Reason> {
        let description = pool.description;
        let list = |of: &'_ Value| of.get("parameters").and_then(Value::as_array).map(Vec::len).unwrap_or_default();
        if list(operation.item) + list(operation.body) > MAX_PARAMETERS {
            return Err(Reason::Malformed(format!("it has more than {MAX_PARAMETERS} parameters")));
        }
        let mut found: Vec<(&str, &str, &Value)> = Vec::new();
        for (own, holder) in [(false, operation.item), (true, operation.body)] {
            let from = found.len();
            for parameter in holder.get("parameters").and_then(Value::as_array).into_iter().flatten() {
                let parameter = description.resolve(parameter)?;
                let text = |key: &str| parameter.get(key).and_then(Value::as_str);
                let (Some(name), Some(place)) = (text("name"), text("in")) else {
                    return Err(Reason::Malformed("a parameter without `name` and `in`".to_owned()));
                };
                match found.iter().position(|(n, p, _)| (*n, *p) == (name, place)) {
                    Some(index) => {
                        if !own || index >= from {
                            self.remarks.push(Remark::Twice(place_word(place), shown(name)));
                        }
                        found[index].2 = parameter;
                    }
                    None => found.push((name, place, parameter)),
                }
            }
        }
        for (described, _) in &route.parameters {
            if !found.iter().any(|(name, place, _)| name == described && *place == "path") {
                self.remarks.push(Remark::Undescribed(shown(described)));
            }
        }
        self.path(pool, route, &found)?;
        for (name, place, parameter) in found {
            if place != "path" {
                self.other(pool, name, place, parameter, may_stream)?;
            }
        }
        Ok(())
    }

    /// Parameters of the path, in its order.
    fn path(&mut self, pool: &mut Pool<'_>, route: &Route, found: &[(&str, &str, &Value)]) -> Result<(), Reason> {
        let text = json!({"schema": {"type": "string"}});
        for (described, name) in &route.parameters {
            let parameter = found.iter().find(|(n, place, _)| *place == "path" && n == described);
            let parameter = parameter.map_or(&text, |(_, _, parameter)| *parameter);
            if name != described {
                self.remarks.push(Remark::Renamed(shown(described), name.clone()));
            }
            let said = parameter::written(parameter, true).and_then(|(schema, _)| {
                let words = parameter;
                parameter::say(
                    pool,
                    &Described { name, place: Place::Path, required: true, words, schema, lists: false },
                )
            });
            match said {
                Ok(said) => self.take(said),
                Err(why) => return Err(Reason::Parameter { place: "path", name: shown(described), why }),
            }
        }
        for (name, ..) in found.iter().filter(|(name, place, _)| *place == "path" && route.name(name).is_none()) {
            self.remarks.push(Remark::NotInPath(shown(name)));
        }
        Ok(())
    }

    /// A parameter of the query, or one that cannot be said.
    fn other(
        &mut self,
        pool: &mut Pool<'_>,
        name: &str,
        place: &str,
        parameter: &Value,
        may_stream: bool,
    ) -> Result<(), Reason> {
        // OpenAPI 3.1.1, section 4.8.12.1: these describe nothing here, the host writes them.
        let written_by_host = ["accept", "content-type", "authorization"];
        if place == "header" && written_by_host.iter().any(|header| name.eq_ignore_ascii_case(header)) {
            return Ok(());
        }
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let word = place_word(place);
        let keys = self.template.inputs.parameters.iter().filter(|p| p.place == Place::Query).count();
        let said = match place {
            "query" if keys == MAX_QUERY_KEYS => Err(Unsayable::TooMany(MAX_QUERY_KEYS)),
            "query" => query(pool, name, required, parameter),
            "header" => Err(Unsayable::Header),
            "cookie" => Err(Unsayable::Cookie),
            other => return Err(Reason::Malformed(format!("a parameter is in `{}`", shown(other)))),
        };
        match said {
            Ok(mut said) => {
                if may_stream && streaming::hold(pool, &mut said, parameter.get("schema"))? {
                    self.remarks.push(Remark::NoStream("/query/stream".to_owned()));
                }
                self.take(said);
                Ok(())
            }
            Err(why) if required => Err(Reason::Parameter { place: word, name: shown(name), why }),
            Err(why) => {
                self.remarks.push(Remark::Parameter { place: word, name: shown(name), why });
                Ok(())
            }
        }
    }

    fn body(&mut self, pool: &mut Pool<'_>, described: &Value, method: Method, may_stream: bool) -> Result<(), Reason> {
        match body::body(pool, described, method, may_stream, &mut self.remarks)? {
            Body::None => {}
            Body::Json { body, converted, examples } => {
                "json".clone_into(&mut self.template.request_body_mode);
                self.template.inputs.body = Some(body);
                self.needs.extend(converted.needs);
                self.remarks.extend(converted.remarks);
                let example = |value| OwnExample { place: Place::Body, name: None, value };
                self.examples.extend(examples.into_iter().map(example));
            }
            Body::Form(fields) => {
                "form".clone_into(&mut self.template.request_body_mode);
                fields.into_iter().for_each(|field| self.take(field));
            }
        }
        Ok(())
    }

    fn take(&mut self, said: Said) {
        let Said { parameter, converted, examples } = said;
        self.needs.extend(converted.needs);
        self.remarks.extend(converted.remarks);
        let (place, name) = (parameter.place, parameter.name.clone());
        let example = |value| OwnExample { place, name: Some(name.clone()), value };
        self.examples.extend(examples.into_iter().map(example));
        self.template.inputs.parameters.push(parameter);
    }
}

fn query(pool: &mut Pool<'_>, name: &str, required: bool, parameter: &Value) -> Result<Said, Unsayable> {
    QueryKey::parse(name).map_err(|problem| Unsayable::Name(problem.to_string()))?;
    let (schema, lists) = parameter::written(parameter, false)?;
    let words = parameter;
    parameter::say(pool, &Described { name, place: Place::Query, required, words, schema, lists })
}

fn place_word(place: &str) -> &'static str {
    match place {
        "path" => "path",
        "header" => "header",
        "cookie" => "cookie",
        _ => "query",
    }
}
