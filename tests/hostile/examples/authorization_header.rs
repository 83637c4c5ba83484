//! Writes the header that carries the credential.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.headers.push(("authorization".to_owned(), "Bearer somebody-elses".to_owned()));
    Ok(request)
});
