//! Returns a million empty path segments, each of which costs the host more than the plugin.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.path = vec![String::new(); 1 << 20];
    Ok(request)
});
