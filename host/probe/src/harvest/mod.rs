//! Constants of a plugin's code and data: what a plugin that waits for a word compares its input with is somewhere in it.
//!
//! A word that is computed, hashed or read out of another one is not found here.

mod joined;
mod module;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Number, Value};

use module::{Constant, Module, modules};

/// Longest string kept, in bytes.
const MAX_TEXT: usize = 200;

/// Longest string that is rather a word than prose, in bytes.
const MAX_WORD: usize = 48;

/// A length stands so near to its address in code, counted in constants.
const NEAR: usize = 2;

/// Most strings that are looked at before words within other strings are left out: an interpreter has hundreds of
/// thousands.
const MAX_SEEN: usize = 50_000;

/// How many are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) strings: usize,
    pub(crate) numbers: usize,
}

/// How likely a string is one that code compares with; the lower, the likelier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Code names it, or has it in a number.
    Named,
    /// A table names it, or it stands in quotes.
    Listed,
    /// It stands alone.
    Alone,
    /// A word within something longer.
    Word,
}

/// What was found.
#[derive(Debug, Default, Clone)]
pub(crate) struct Constants {
    pub(crate) strings: Vec<String>,
    pub(crate) numbers: Vec<Value>,
    /// How many more there were than are kept.
    pub(crate) left_out: usize,
}

impl Constants {
    /// Harvests a component. `skip` says of a string that it is known already. Where there is not room for all, the seed
    /// says which of equal rank are kept.
    pub(crate) fn of(component: &[u8], room: Room, seed: u64, skip: impl Fn(&str) -> bool) -> Self {
        let mut left_out = 0;
        let mut strings: HashMap<String, Rank> = HashMap::new();
        let mut numbers: BTreeMap<i64, usize> = BTreeMap::new();
        let mut floats: BTreeSet<u64> = BTreeSet::new();
        for module in modules(component) {
            strings_of(&module, &mut |text, rank| {
                let text = text.trim_matches(char::from(0));
                if strings.len() >= MAX_SEEN && rank > Rank::Listed {
                    left_out += 1;
                } else if (1..=MAX_TEXT).contains(&text.len()) && !skip(text) {
                    let kept = strings.entry(text.to_owned()).or_insert(rank);
                    *kept = rank.min(*kept);
                }
            });
            for constant in module.functions.iter().flatten() {
                match constant {
                    Constant::Word(word) => *numbers.entry(i64::from(*word)).or_default() += 1,
                    Constant::Long(long) => *numbers.entry(*long).or_default() += 1,
                    Constant::Float(float) => {
                        floats.insert(float.to_bits());
                    }
                }
            }
        }
        let lot = |text: &str| {
            let mut hasher = DefaultHasher::new();
            (seed, text).hash(&mut hasher);
            hasher.finish()
        };
        let mut strings: Vec<(Rank, u64, String)> =
            strings.into_iter().map(|(text, rank)| (rank, lot(&text), text)).collect();
        strings.sort_unstable();
        // What stands in code once is likelier a word to wait for than what stands everywhere.
        let mut numbers: Vec<(usize, u64, i64)> =
            numbers.into_iter().map(|(number, times)| (times, lot(&number.to_string()), number)).collect();
        numbers.sort_unstable();
        let floats = floats.into_iter().filter_map(|bits| Number::from_f64(f64::from_bits(bits))).map(Value::Number);
        let numbers: Vec<Value> = numbers.into_iter().map(|(.., number)| number.into()).chain(floats).collect();
        left_out += strings.len().saturating_sub(room.strings) + numbers.len().saturating_sub(room.numbers);
        Self {
            strings: strings.into_iter().take(room.strings).map(|(.., text)| text).collect(),
            numbers: numbers.into_iter().take(room.numbers).collect(),
            left_out,
        }
    }
}

fn strings_of(module: &Module<'_>, add: &mut impl FnMut(&str, Rank)) {
    let mut starts = BTreeSet::new();
    for constants in &module.functions {
        joined::texts(constants, &mut |text| {
            if is_wordlike(&text) {
                add(&text, Rank::Named);
            }
        });
        let words: Vec<u32> = constants
            .iter()
            .map(|constant| if let Constant::Word(word) = constant { word.cast_unsigned() } else { 0 })
            .collect();
        for (at, address) in words.iter().enumerate() {
            let Some(memory) = module.memory(*address) else { continue };
            starts.insert(*address);
            for length in &words[at.saturating_sub(NEAR)..words.len().min(at + NEAR + 1)] {
                slice(memory, *length, Rank::Named, add);
            }
        }
    }
    for segment in &module.segments {
        let numbers: Vec<u32> = segment.bytes.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        for pair in numbers.windows(2) {
            if let Some(memory) = module.memory(pair[0]) {
                slice(memory, pair[1], Rank::Listed, add);
            }
        }
        runs(segment.bytes, add);
        // Strings of some compilers lie side by side with nothing between them, but code knows where each begins.
        let Some(base) = segment.start else { continue };
        let end = base.saturating_add(u32::try_from(segment.bytes.len()).unwrap_or(u32::MAX));
        let known: Vec<u32> = starts.range(base..end).copied().collect();
        for pair in known.windows(2) {
            slice(&segment.bytes[(pair[0] - base) as usize..], pair[1] - pair[0], Rank::Listed, add);
        }
    }
}

/// Whether most of it is letters and digits: numbers that happen to be printable seldom are.
fn is_wordlike(text: &str) -> bool {
    let odd = text.chars().filter(|c| !c.is_ascii_alphanumeric() && *c != ' ').count();
    odd <= text.len() / 5
}

fn slice(memory: &[u8], length: u32, rank: Rank, add: &mut impl FnMut(&str, Rank)) {
    let text = usize::try_from(length)
        .ok()
        .filter(|length| (1..=MAX_TEXT).contains(length))
        .and_then(|length| std::str::from_utf8(memory.get(..length)?).ok())
        .filter(|text| !text.contains(char::is_control));
    if let Some(text) = text {
        // What is longer is rather prose.
        add(text, if text.len() <= MAX_WORD { rank } else { Rank::Alone });
    }
}

/// Printable runs as a whole where they are short, and the words and quoted texts in them.
fn runs(bytes: &[u8], add: &mut impl FnMut(&str, Rank)) {
    for run in bytes.split(|byte| !(byte.is_ascii_graphic() || *byte == b' ')).filter(|run| run.len() >= 3) {
        let Ok(run) = std::str::from_utf8(run) else { continue };
        if run.len() <= 64 {
            add(run, Rank::Alone);
        }
        for mark in ['"', '\'', '`'] {
            // Between any two marks: which of them opens is not known.
            for text in run.split(mark).skip(1).filter(|text| (1..=64).contains(&text.len())) {
                add(text, Rank::Listed);
            }
        }
        for word in run.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c))) {
            if (3..=40).contains(&word.len()) {
                add(word, Rank::Word);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Room = Room { strings: 100, numbers: 100 };

    fn harvested(text: &str) -> Constants {
        Constants::of(&wat::parse_str(text).unwrap(), ROOM, 0, |_| false)
    }

    #[test]
    fn a_string_is_found_by_address_and_length_though_nothing_ends_it() {
        let found = harvested(
            r#"(component (core module (memory 1)
                (data (i32.const 1024) "beforeopen sesameafter")
                (func (result i32) i32.const 1030 i32.const 11 drop)))"#,
        );
        assert!(found.strings.contains(&"open sesame".to_owned()), "{:?}", found.strings);
    }

    #[test]
    fn a_string_in_a_table_alone_or_in_quotes_is_found() {
        let found = harvested(
            r#"(module (memory 1) (data (i32.const 64) "xxtriggerxx\00alone\00if(a==\"quoted\")")
                (data (i32.const 512) "\42\00\00\00\07\00\00\00"))"#,
        );
        for text in ["trigger", "alone", "quoted"] {
            assert!(found.strings.contains(&text.to_owned()), "{text}: {:?}", found.strings);
        }
    }

    #[test]
    fn numbers_of_code_are_found_the_rare_ones_first() {
        let found =
            harvested("(module (func i64.const 918273645 drop i32.const 5 drop i32.const 5 drop f64.const 2.5 drop))");
        assert_eq!(found.numbers, [Value::from(918_273_645_i64), Value::from(5), Value::from(2.5)]);
    }

    #[test]
    fn bytes_that_are_no_module_give_nothing() {
        assert!(Constants::of(b"no module", ROOM, 0, |_| false).strings.is_empty());
        let whole = wat::parse_str("(module (func i32.const 77 drop))").unwrap();
        for length in 0..whole.len() {
            drop(Constants::of(&whole[..length], ROOM, 0, |_| false));
        }
    }

    #[test]
    fn where_there_is_not_room_for_all_that_is_said_and_the_seed_chooses() {
        let words: String = (0..90).map(|n| format!("word{n}\\00")).collect();
        let module = wat::parse_str(format!("(module (memory 1) (data (i32.const 64) \"{words}\"))")).unwrap();
        let of = |seed| Constants::of(&module, Room { strings: 10, numbers: 10 }, seed, |_| false);
        let (one, other) = (of(1), of(2));
        assert_eq!((one.strings.len(), one.left_out), (10, 80));
        assert_eq!(one.strings, of(1).strings);
        assert_ne!(one.strings, other.strings);
    }
}
