//! Ends its header early and starts one of its own.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.headers.push(("x-trace".to_owned(), "1\r\nhost: evil.example.com".to_owned()));
    Ok(request)
});
