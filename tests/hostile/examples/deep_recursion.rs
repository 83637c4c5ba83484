//! Calls itself until the stack is full.

fn dig(depth: u64) -> u64 {
    let weight = std::hint::black_box([depth; 64]);
    if depth == u64::MAX { weight[0] } else { dig(depth + 1) ^ weight[63] }
}

hostile_guests::guest!(|| {
    std::hint::black_box(dig(0));
    Ok(hostile_guests::harmless_request())
});
