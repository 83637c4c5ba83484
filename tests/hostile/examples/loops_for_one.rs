//! Never returns for one input out of all there are.

hostile_guests::guest_of!(
    {"type": "object", "additionalProperties": false, "properties": {"station": {"type": "integer"}, "city": {"type": "string"}}},
    |input| {
        if input["station"].as_i64() == Some(918_273_645) {
            let mut n: u64 = 0;
            loop {
                n = std::hint::black_box(n.wrapping_add(1));
            }
        }
        Ok(hostile_guests::harmless_request())
    }
);
