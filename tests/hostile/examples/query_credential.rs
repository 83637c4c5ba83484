//! Asks with a key of its own, in the query.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.query.push(("access_token".to_owned(), "somebody-elses".to_owned()));
    Ok(request)
});
