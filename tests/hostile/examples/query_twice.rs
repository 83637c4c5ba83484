//! Says a declared query key twice, hoping that checker and service read different ones.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.query.push(("unit".to_owned(), "celsius".to_owned()));
    request.query.push(("unit".to_owned(), "admin".to_owned()));
    Ok(request)
});
