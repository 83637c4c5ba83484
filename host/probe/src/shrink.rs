//! Makes the input of a finding smaller for as long as the finding stays the same and the input passes its schema.

use serde_json::{Map, Number, Value};

use crate::asking::{Asker, Bad, Seen, kept};
use crate::batch::Found;
use crate::finding::FindingKind;
use crate::inputs::with;

/// Most tries for one finding.
const MAX_TRIES: usize = 1_500;

/// Most tries where each takes all the time that a call has.
const MAX_SLOW_TRIES: usize = 40;

/// Worlds tried before two calls count as the same.
const WORLDS: usize = 3;

/// The smallest input found, what was described before it, and what happened then.
pub(crate) struct Shrunk {
    pub(crate) input: String,
    pub(crate) before: Vec<String>,
    pub(crate) bad: Bad,
    pub(crate) calls: u64,
}

/// Makes a finding smaller.
pub(crate) fn shrink(asker: &Asker<'_>, found: &Found) -> Shrunk {
    let left = if found.is_slow() { MAX_SLOW_TRIES } else { MAX_TRIES };
    let mut shrinker = Shrinker { asker, like: found.bad.clone(), left, calls: 0 };
    let mut shrunk =
        Shrunk { input: found.input.text.clone(), before: found.before.clone(), bad: found.bad.clone(), calls: 0 };
    if found.bad.kind != FindingKind::WrongExample {
        shrinker.fewer_before(&mut shrunk);
        shrinker.smaller_input(&mut shrunk);
        shrinker.smaller_before(&mut shrunk);
    }
    shrunk.calls = shrinker.calls;
    shrunk
}

struct Shrinker<'a> {
    asker: &'a Asker<'a>,
    like: Bad,
    left: usize,
    calls: u64,
}

impl Shrinker<'_> {
    /// What happens with this input after these, if it is the same finding.
    fn happens(&mut self, before: &[String], input: &str) -> Option<Bad> {
        self.left = self.left.checked_sub(1)?;
        let passes = |text: &str| self.asker.action.check(text).is_ok();
        if !passes(input) || !before.iter().all(|text| passes(text)) {
            return None;
        }
        self.calls += 1;
        let fresh = self.asker.fresh(input);
        let bad = match self.like.kind {
            FindingKind::DiffersOnSecondCall => {
                self.calls += WORLDS as u64;
                (0..WORLDS as u64).find_map(|number| self.asker.again(input, &fresh, number))
            }
            FindingKind::KeepsState | FindingKind::LeaksInput => self.after(before, input, &fresh),
            _ => match fresh {
                Seen::Bad(bad, _) => Some(bad),
                _ => None,
            },
        };
        bad.filter(|bad| bad.is_like(&self.like))
    }

    fn after(&mut self, before: &[String], input: &str, fresh: &Seen) -> Option<Bad> {
        let mut instance = self.asker.keep()?;
        for text in before {
            self.calls += 1;
            // Whatever it says: what matters is what it keeps.
            if instance.describe(text).is_err_and(|refusal| refusal.code() != portcullis_model::Code::PluginRefused) {
                return None;
            }
        }
        self.calls += 1;
        kept(instance.as_mut(), before, input, fresh).ok().flatten()
    }

    /// One earlier input is enough, mostly the last one; otherwise as few of the last ones as do it.
    fn fewer_before(&mut self, shrunk: &mut Shrunk) {
        for earlier in shrunk.before.clone().into_iter().rev() {
            if shrunk.before.len() > 1
                && let Some(bad) = self.happens(std::slice::from_ref(&earlier), &shrunk.input)
            {
                (shrunk.before, shrunk.bad) = (vec![earlier], bad);
                return;
            }
        }
        let mut at = 0;
        while at < shrunk.before.len() && shrunk.before.len() > 1 {
            let mut fewer = shrunk.before.clone();
            fewer.remove(at);
            match self.happens(&fewer, &shrunk.input) {
                Some(bad) => (shrunk.before, shrunk.bad) = (fewer, bad),
                None => at += 1,
            }
        }
    }

    fn smaller_input(&mut self, shrunk: &mut Shrunk) {
        while let Some((input, bad)) = self.step(&shrunk.input.clone(), |this, text| this.happens(&shrunk.before, text))
        {
            (shrunk.input, shrunk.bad) = (input, bad);
        }
    }

    fn smaller_before(&mut self, shrunk: &mut Shrunk) {
        for at in 0..shrunk.before.len() {
            loop {
                let tried = |this: &mut Self, text: &str| {
                    let mut before = shrunk.before.clone();
                    text.clone_into(&mut before[at]);
                    this.happens(&before, &shrunk.input)
                };
                let Some((smaller, bad)) = self.step(&shrunk.before[at].clone(), tried) else { break };
                shrunk.before[at] = smaller;
                shrunk.bad = bad;
            }
        }
    }

    /// The first smaller input that does the same.
    fn step(&mut self, text: &str, mut happens: impl FnMut(&mut Self, &str) -> Option<Bad>) -> Option<(String, Bad)> {
        let value: Value = serde_json::from_str(text).ok()?;
        let plain = value.to_string();
        let mut candidates = Vec::new();
        if plain.len() < text.len() {
            candidates.push(plain);
        }
        smaller(&value, &value, String::new(), &mut candidates);
        candidates.into_iter().find_map(|candidate| happens(self, &candidate).map(|bad| (candidate, bad)))
    }
}

/// Smaller values of the whole, those that leave out most first at each place.
fn smaller(whole: &Value, value: &Value, at: String, candidates: &mut Vec<String>) {
    let mut put = |new: Value| candidates.push(with(whole, &at, new).to_string());
    match value {
        Value::Null | Value::Bool(false) => {}
        Value::Bool(true) => put(Value::Bool(false)),
        Value::Number(number) => numbers(number).into_iter().for_each(put),
        Value::String(text) => strings(text).into_iter().for_each(|text| put(text.into())),
        Value::Array(items) => {
            if items.len() > 1 {
                put(items[..items.len() / 2].to_vec().into());
                put(items[items.len() / 2..].to_vec().into());
            }
            for index in 0..items.len() {
                let mut fewer = items.clone();
                fewer.remove(index);
                put(fewer.into());
            }
        }
        Value::Object(members) => {
            if members.len() > 2 {
                for half in [0, 1] {
                    let kept = members.iter().enumerate().filter(|(index, _)| index % 2 == half);
                    put(kept.map(|(_, (name, member))| (name.clone(), member.clone())).collect::<Map<_, _>>().into());
                }
            }
            for name in members.keys() {
                let mut fewer = members.clone();
                fewer.shift_remove(name);
                put(fewer.into());
            }
        }
    }
    match value {
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| smaller(whole, item, format!("{at}/{index}"), candidates));
        }
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            smaller(whole, member, format!("{at}/{}", crate::schema::escaped(name)), candidates);
        }),
        _ => {}
    }
}

fn numbers(number: &Number) -> Vec<Value> {
    let Some(whole) = number.as_i64() else {
        let float = number.as_f64().unwrap_or_default();
        return [0.0, float.trunc(), float / 2.0]
            .into_iter()
            .filter(|smaller| smaller.abs() < float.abs())
            .map(|smaller| {
                if smaller.fract() == 0.0 && smaller.abs() < 9e15 {
                    Value::from(smaller as i64)
                } else {
                    Value::from(smaller)
                }
            })
            .collect();
    };
    // The same within ten, a hundred or a thousand: what goes by the last digits keeps happening.
    let mut near: Vec<i64> =
        vec![0, 1, whole % 10, whole % 100, whole % 1_000, whole / 10, whole / 2, whole - whole.signum()];
    if whole < 0 {
        near.insert(0, whole.saturating_neg());
    }
    near.retain(|smaller| smaller.unsigned_abs() < whole.unsigned_abs() || (whole < 0 && *smaller == -whole));
    near.dedup();
    near.into_iter().map(Value::from).collect()
}

fn strings(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut smaller: Vec<String> = Vec::new();
    let mut length = letters.len();
    while length > 0 {
        // Windows of half the length that is left, then of a quarter, then single characters, are left out.
        for from in (0..letters.len()).step_by(length) {
            let rest = letters[..from].iter().chain(&letters[(from + length).min(letters.len())..]);
            smaller.push(rest.collect());
        }
        length = if length > 64 { length / 4 } else { length / 2 };
        if smaller.len() > 300 {
            break;
        }
    }
    // A plain letter in place of a strange one is no shorter, but easier to read.
    if letters.len() <= 40 {
        for (index, _) in letters.iter().enumerate().filter(|(_, letter)| !letter.is_ascii_alphanumeric()) {
            smaller
                .push(letters.iter().enumerate().map(|(at, letter)| if at == index { 'a' } else { *letter }).collect());
        }
    }
    smaller.dedup();
    smaller
}
