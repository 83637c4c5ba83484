//! Says no in 32 MiB.

use portcullis_plugin::{Refusal, RefusalReason};

hostile_guests::guest!(|| {
    Err(Refusal { reason: RefusalReason::InvalidInput, message: "no".repeat(16 << 20), pointer: None })
});
