//! Declares one route and describes another.

hostile_guests::guest!(|| Ok(portcullis_plugin::Request::get(["v1", "admin", "keys"])));
