//! Climbs out of its path with a slash that is already encoded.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.path[2] = "..%2fadmin".to_owned();
    Ok(request)
});
