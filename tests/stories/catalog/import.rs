//! A service's own description becomes a document, the document a port, and an action of it is called.

use serde_json::json;

use crate::home::Home;
use crate::tap::Tap;

const DESCRIPTION: &str = r##"
openapi: 3.1.0
info: {title: Things, version: "1.2.0"}
servers: [{url: "https://api.things.example/v1"}]
security: [{key: []}]
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Thing: {type: object, required: [name], properties: {name: {type: string}, size: {type: integer, default: 1}}}
paths:
  /things:
    get:
      operationId: listThings
      parameters: [{name: limit, in: query, schema: {type: integer, maximum: 100}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {}}}}}
    post:
      operationId: createThing
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {}}}}}
  /things/{id}/picture:
    put:
      operationId: setPicture
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {multipart/form-data: {schema: {type: object}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {}}}}}
"##;

fn home(tap: &Tap) -> Home {
    let settings = format!("[ports.things]\norigin = \"{}\"\n[sandbox.limits]\nwall_time_ms = 5000\n", tap.origin());
    let home = Home::new(&settings).env("PORTCULLIS_SECRET_THINGS", "things-token-0123456789");
    std::fs::write(home.path().join("things.yaml"), DESCRIPTION).unwrap();
    home
}

#[test]
fn a_description_is_imported_installed_and_called_and_what_it_lacks_is_said() {
    let tap = Tap::quiet();
    let home = home(&tap);
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let (from, to) = (path("things.yaml"), path("things.json"));
    let import = ["import", "openapi", &from, "--port", "things", "--output", &to, "--json"];
    let report = home.run(import).exits(0).json();
    assert_eq!((&report["operations"], &report["actions"]), (&json!(3), &json!(2)));
    assert_eq!(report["leftOut"][0]["operation"], json!("PUT /things/{id}/picture"));
    home.run(import).exits(1);
    home.run(["catalog", "validate", &to]).exits(0);
    home.run(["install", &to, "--yes"]).exits(0);
    home.run(["run", "things/list-things", "--input", r#"{"query":{"limit":5}}"#]).exits(0);
    home.run(["run", "things/create-thing", "--input", r#"{"body":{"name":"x"}}"#]).exits(3);
    let heard = tap.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].starts_with(b"GET /v1/things?limit=5 HTTP/1.1\r\n"));
}

#[test]
fn the_document_goes_to_standard_output_and_what_was_left_out_to_the_other() {
    let tap = Tap::quiet();
    let home = home(&tap);
    let from = home.path().join("things.yaml");
    let ended =
        home.run(["import", "openapi", from.to_str().unwrap(), "--port", "things", "--only", "list-*"]).exits(0);
    assert_eq!(ended.json()["actionTemplates"].as_array().unwrap().len(), 1);
    assert!(ended.err.contains("3 operations: 1 actions"), "{}", ended.err);
    let none = home.run(["import", "openapi", from.to_str().unwrap(), "--port", "things", "--only", "x", "--json"]);
    none.refused("bad-document");
    std::fs::write(home.path().join("no.yaml"), "openapi: 2.0").unwrap();
    let no = home.path().join("no.yaml");
    home.run(["import", "openapi", no.to_str().unwrap(), "--port", "things", "--json"]).refused("bad-document");
}
