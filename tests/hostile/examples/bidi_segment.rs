//! Makes a path that a person reads backwards.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.path[2] = "\u{202e}sirap".to_owned();
    Ok(request)
});
