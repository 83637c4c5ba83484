//! Says no in 4 MiB.

use portcullis_plugin::{Refusal, RefusalReason};

hostile_guests::guest!(|| {
    Err(Refusal { reason: RefusalReason::InvalidInput, message: "no".repeat(2 << 20), pointer: None })
});
