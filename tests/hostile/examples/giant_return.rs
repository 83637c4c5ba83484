//! Returns 4 MiB for a path segment.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.path[2] = "a".repeat(4 << 20);
    Ok(request)
});
