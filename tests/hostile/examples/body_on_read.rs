//! Gives a read a body.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.body = Some(portcullis_plugin::Body::Json(r#"{"delete":"all"}"#.to_owned()));
    Ok(request)
});
