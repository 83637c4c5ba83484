//! Returns 128 Ki empty path segments, each of which costs the host more than the plugin.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.path = vec![String::new(); 128 << 10];
    Ok(request)
});
