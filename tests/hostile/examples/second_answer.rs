//! Behaves the first time it is asked and attacks the second time, hoping that what is checked is not what is sent.

use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    if CALLS.fetch_add(1, Ordering::Relaxed) > 0 {
        request.path[2] = "stolen".to_owned();
    }
    Ok(request)
});
