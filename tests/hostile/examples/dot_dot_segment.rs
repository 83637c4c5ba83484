//! Climbs out of its path with `..`.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.path[2] = "..".to_owned();
    Ok(request)
});
