//! Names another host in the header that routes.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.headers.push(("Host".to_owned(), "evil.example.com".to_owned()));
    Ok(request)
});
