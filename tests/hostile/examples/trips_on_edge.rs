//! Cuts text where no letter ends, as many honest plugins do once.

hostile_guests::guest_of!(
    {"type": "object", "additionalProperties": false, "properties": {"city": {"type": "string", "minLength": 1}}},
    |input| {
        let mut request = hostile_guests::harmless_request();
        if let Some(city) = input["city"].as_str() {
            request.query.push(("unit".to_owned(), city[..city.len().min(3)].to_owned()));
        }
        Ok(request)
    }
);
