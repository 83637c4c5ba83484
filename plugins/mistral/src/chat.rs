//! Chat completions, one whole answer at a time.

use portcullis_plugin::{Action, Request, ResultMode, Route};

use crate::capability::Capability;

pub(crate) const ALL: &[Capability] = &[Capability {
    slug: "chat-complete",
    route: Route::post("/v1/chat/completions").json(&[
        "model",
        "temperature",
        "top_p",
        "max_tokens",
        "stream",
        "stop",
        "random_seed",
        "metadata",
        "messages",
        "response_format",
        "tools",
        "tool_choice",
        "presence_penalty",
        "frequency_penalty",
        "n",
        "prediction",
        "parallel_tool_calls",
        "reasoning_effort",
        "prompt_mode",
        "prompt_cache_key",
        "service_tier",
        "safe_prompt",
    ]),
    schema: include_str!("../schemas/chat-complete.json"),
    declare: chat_complete,
}];

fn chat_complete(action: Action) -> Action {
    let action = action
        .label("Complete a chat")
        .description(
            "Sends a conversation to a model and returns its whole answer. Tokens are charged. Streaming isn't \
             supported, and of tools only functions that the caller runs itself.",
        )
        .result(ResultMode::JsonSummary)
        .write()
        .prompt_bearing()
        .billable();
    // Everything is in the body, and the inputs are written in the route's order: each is its own expected body.
    let examples = [
        ("One question", include_str!("../examples/chat-one-question.json")),
        ("A picture", include_str!("../examples/chat-picture.json")),
        ("Every setting", include_str!("../examples/chat-every-setting.json")),
    ];
    examples.into_iter().fold(action, |action, (title, input)| {
        action.example(title, input, Request::post(["v1", "chat", "completions"]).json(input))
    })
}
