//! Sends a header that it did not declare.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.headers.push(("x-forwarded-host".to_owned(), "evil.example.com".to_owned()));
    Ok(request)
});
