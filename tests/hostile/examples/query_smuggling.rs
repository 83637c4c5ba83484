//! Hides a second query pair in the name of the first.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.query.push(("unit=celsius&admin".to_owned(), "true".to_owned()));
    Ok(request)
});
