//! Reads the code and the data of every module in a component, as far as they can be read.
//!
//! Bytes that make no sense end the reading: the sandbox has judged them before, and a probe without constants is still
//! a probe.

use wasmparser::{DataKind, FunctionBody, Operator, Parser, Payload};

/// Most constants of code that are kept, over all modules.
const MAX_CONSTANTS: usize = 1_000_000;

/// A number that stands in code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Constant {
    Word(i32),
    Long(i64),
    Float(f64),
}

/// A piece of memory as it is at the start.
pub(super) struct Segment<'a> {
    /// Where it lies, if that is a constant.
    pub(super) start: Option<u32>,
    pub(super) bytes: &'a [u8],
}

/// One core module.
#[derive(Default)]
pub(super) struct Module<'a> {
    /// By address.
    pub(super) segments: Vec<Segment<'a>>,
    /// The constants of each function, in order.
    pub(super) functions: Vec<Vec<Constant>>,
}

impl Module<'_> {
    /// The bytes of memory from an address on.
    pub(super) fn memory(&self, address: u32) -> Option<&[u8]> {
        let after = self.segments.partition_point(|segment| segment.start.is_some_and(|start| start <= address));
        let segment = self.segments.get(after.checked_sub(1)?)?;
        let from = usize::try_from(address.checked_sub(segment.start?)?).ok()?;
        segment.bytes.get(from..).filter(|bytes| !bytes.is_empty())
    }
}

/// Every module of a component, or the module that the bytes are.
pub(super) fn modules(bytes: &[u8]) -> Vec<Module<'_>> {
    let mut modules: Vec<Module<'_>> = Vec::new();
    let mut left = MAX_CONSTANTS;
    for payload in Parser::new(0).parse_all(bytes).map_while(Result::ok) {
        match payload {
            Payload::Version { .. } => modules.push(Module::default()),
            Payload::CodeSectionEntry(body) => {
                if let Some(module) = modules.last_mut() {
                    module.functions.extend(constants(&body, &mut left));
                }
            }
            Payload::DataSection(section) => {
                for data in section.into_iter().map_while(Result::ok) {
                    let start = match data.kind {
                        DataKind::Active { memory_index: 0, offset_expr } => {
                            match offset_expr.get_operators_reader().read() {
                                Ok(Operator::I32Const { value }) => Some(value.cast_unsigned()),
                                _ => None,
                            }
                        }
                        _ => None,
                    };
                    if let Some(module) = modules.last_mut() {
                        module.segments.push(Segment { start, bytes: data.data });
                    }
                }
            }
            _ => {}
        }
    }
    for module in &mut modules {
        // Those without an address come last.
        module.segments.sort_by_key(|segment| (segment.start.is_none(), segment.start));
    }
    modules
}

fn constants(body: &FunctionBody<'_>, left: &mut usize) -> Option<Vec<Constant>> {
    let mut found = Vec::new();
    for operator in body.get_operators_reader().ok()?.into_iter().map_while(Result::ok) {
        let constant = match operator {
            Operator::I32Const { value } => Constant::Word(value),
            Operator::I64Const { value } => Constant::Long(value),
            Operator::F32Const { value } => Constant::Float(f64::from(f32::from_bits(value.bits()))),
            Operator::F64Const { value } => Constant::Float(f64::from_bits(value.bits())),
            _ => continue,
        };
        *left = left.checked_sub(1)?;
        found.push(constant);
    }
    (!found.is_empty()).then_some(found)
}
