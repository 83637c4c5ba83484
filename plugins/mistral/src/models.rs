//! Models: which ones the account may use.

use portcullis_plugin::{Action, Request, ResultMode, Route};

use crate::capability::Capability;

pub(crate) const ALL: &[Capability] = &[
    Capability {
        slug: "list-models",
        route: Route::get("/v1/models").query(&["provider", "model"]),
        schema: include_str!("../schemas/list-models.json"),
        declare: list_models,
    },
    Capability {
        slug: "get-model",
        route: Route::get("/v1/models/{model_id}"),
        schema: include_str!("../schemas/get-model.json"),
        declare: get_model,
    },
];

fn list_models(action: Action) -> Action {
    action
        .label("List models")
        .description("The models this account can use, with their capabilities and context length. The first call to make: it shows that the credential works.")
        .result(ResultMode::JsonSummary)
        .automatic()
        .example("Every model", "{}", Request::get(["v1", "models"]))
        .example(
            "One model of one provider",
            r#"{"provider": "mistral", "model": "mistral-large-latest"}"#,
            Request::get(["v1", "models"]).query("provider", "mistral").query("model", "mistral-large-latest"),
        )
}

fn get_model(action: Action) -> Action {
    action
        .label("Get a model")
        .description("One model's capabilities, context length and retirement date.")
        .automatic()
        .example(
            "A fine-tuned model",
            r#"{"model_id": "ft:open-mistral-7b:587a6b29:20240514:7e773925"}"#,
            Request::get(["v1", "models", "ft:open-mistral-7b:587a6b29:20240514:7e773925"]),
        )
}
