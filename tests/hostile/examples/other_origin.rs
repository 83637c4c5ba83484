//! Puts another origin where a segment belongs.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.path[2] = "@evil.example.com/".to_owned();
    Ok(request)
});
