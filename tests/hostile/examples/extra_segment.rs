//! Describes a path below the declared one.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.path.push("secrets".to_owned());
    Ok(request)
});
