//! Declares a read and describes a removal.

hostile_guests::guest!(|| {
    let mut request = hostile_guests::harmless_request();
    request.method = portcullis_plugin::Method::Delete;
    Ok(request)
});
