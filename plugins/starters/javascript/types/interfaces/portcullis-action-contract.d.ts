declare module 'portcullis:action/contract@0.1.0' {
  /**
   * What the plugin is. Called at install and at load; must always return the same.
   */
  export function declare(): Manifest;
  /**
   * The request for one call. `action` is a slug of the manifest; `input` is JSON that passed its schema.
   * A pure function: it runs once per call, in a fresh instance, and nothing survives it.
   */
  export function describe(action: string, input: string): Request;
  /**
   * HTTP request methods (RFC 9110, section 9; `patch` is RFC 5789). `connect`, `trace` and `options` cannot be said.
   * # Variants
   * 
   * ## `"get"`
   * 
   * Transfer a representation. Never carries a body.
   * ## `"head"`
   * 
   * As `get`, but only the headers come back. Never carries a body.
   * ## `"post"`
   * 
   * Process the body as the resource sees fit.
   * ## `"put"`
   * 
   * Replace the resource by the body.
   * ## `"patch"`
   * 
   * Change the resource as the body says.
   * ## `"delete"`
   * 
   * Remove the resource.
   */
  export type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';
  /**
   * What a request carries. The host sets `content-type` and `content-length` from the case.
   */
  export type Body = BodyJson | BodyForm | BodyText;
  /**
   * A JSON text (RFC 8259), sent byte for byte as given, as `application/json`. Refused when it has
   * duplicate keys, lone surrogates, a member that overrides the method, or nests deeper than 64.
   */
  export interface BodyJson {
    tag: 'json',
    val: string,
  }
  /**
   * Fields in order, encoded by the host as `application/x-www-form-urlencoded`.
   */
  export interface BodyForm {
    tag: 'form',
    val: Array<[string, string]>,
  }
  /**
   * Text, sent as `text/plain; charset=utf-8`.
   */
  export interface BodyText {
    tag: 'text',
    val: string,
  }
  /**
   * One HTTP request, described. It has no scheme, host or port: the host fixes those.
   */
  export interface Request {
    /**
     * Must equal the method that the action declares.
     */
    method: Method,
    /**
     * Path segments, not yet percent-encoded: the host encodes each. No segment may be empty or all white space,
     * `.` or `..`, longer than 256 bytes, or hold `/`, `\`, `%`, `;`, control, bidi or zero-width characters.
     */
    path: Array<string>,
    /**
     * Query pairs, not yet percent-encoded. Keys must be declared, and none may occur twice.
     */
    query: Array<[string, string]>,
    /**
     * Header pairs. Names must be declared; values are visible ASCII and inner spaces.
     */
    headers: Array<[string, string]>,
    /**
     * `none` sends no body.
     */
    body?: Body,
  }
  /**
   * Why a plugin will not describe a request.
   * # Variants
   * 
   * ## `"unknown-action"`
   * 
   * The manifest has no action of that name.
   * ## `"invalid-input"`
   * 
   * The input passed the schema but cannot be made into a request.
   */
  export type RefusalReason = 'unknown-action' | 'invalid-input';
  /**
   * A plugin's no. It is shown to the caller, marked as the plugin's own words.
   */
  export interface Refusal {
    /**
     * What kind of no.
     */
    reason: RefusalReason,
    /**
     * One sentence for the caller.
     */
    message: string,
    /**
     * JSON Pointer (RFC 6901) into the input; `none` where no single place is at fault.
     */
    pointer?: string,
  }
  /**
   * A header that carries the credential.
   */
  export interface HeaderAuth {
    /**
     * Header name in lower case, such as `x-api-key`.
     */
    name: string,
    /**
     * Put before the credential, with any space it needs; may be empty.
     */
    prefix: string,
  }
  /**
   * How the host attaches the credential. The plugin never sees the value.
   */
  export type Auth = AuthBearer | AuthHeader | AuthNone;
  /**
   * `authorization: Bearer <credential>` (RFC 6750).
   */
  export interface AuthBearer {
    tag: 'bearer',
  }
  /**
   * Another header, or another prefix.
   */
  export interface AuthHeader {
    tag: 'header',
    val: HeaderAuth,
  }
  /**
   * The service needs no credential.
   */
  export interface AuthNone {
    tag: 'none',
  }
  /**
   * Who stands behind a plugin. A claim, shown as one.
   */
  export interface Publisher {
    /**
     * Lower-case letters, digits and dashes.
     */
    slug: string,
    /**
     * Name for people.
     */
    name: string,
    /**
     * Home page; `none` where there is none.
     */
    websiteUrl?: string,
  }
  /**
   * A connection to one service: one origin, one credential.
   */
  export interface Port {
    /**
     * Lower-case letters, digits and single dashes, at most 63 bytes; the first half of `port/action`.
     */
    slug: string,
    /**
     * Name for people: one line of at most 80 characters.
     */
    label: string,
    /**
     * What the service is, in at most 1,000 characters.
     */
    description: string,
    /**
     * `https://host` or `https://host:port`: an ASCII host name, no IP literal, user, path or trailing dot.
     */
    origin: string,
    /**
     * How the credential is attached.
     */
    auth: Auth,
    /**
     * One word or two, such as `AI`.
     */
    category: string,
    /**
     * Words to search by.
     */
    tags: Array<string>,
    /**
     * Who stands behind the plugin.
     */
    publisher: Publisher,
  }
  /**
   * What kind of body an action sends.
   * # Variants
   * 
   * ## `"none"`
   * 
   * No body.
   * ## `"json"`
   * 
   * `body.json`.
   * ## `"form"`
   * 
   * `body.form`.
   * ## `"text"`
   * 
   * `body.text`.
   */
  export type BodyMode = 'none' | 'json' | 'form' | 'text';
  /**
   * What an action asks of the operator by default. The operator's own word goes over it.
   * # Variants
   * 
   * ## `"automatic"`
   * 
   * May run unattended. Heeded for `read` actions only, unless the operator says otherwise.
   * ## `"require-approval"`
   * 
   * A person must see and approve each exact request.
   */
  export type ApprovalMode = 'automatic' | 'require-approval';
  /**
   * What an action does to the world.
   * # Variants
   * 
   * ## `"read"`
   * 
   * Changes nothing.
   * ## `"write"`
   * 
   * Creates or changes something, or spends money or quota.
   * ## `"destructive"`
   * 
   * Removes something or cannot be undone.
   */
  export type Effect = 'read' | 'write' | 'destructive';
  /**
   * How the answer is handed to the caller.
   * # Variants
   * 
   * ## `"json"`
   * 
   * JSON as it came.
   * ## `"json-summary"`
   * 
   * JSON, with long arrays and strings cut and counted.
   * ## `"text"`
   * 
   * Text as it came.
   */
  export type ResultMode = 'json' | 'json-summary' | 'text';
  /**
   * Facts that policies and reviewers go by.
   */
  export interface Traits {
    /**
     * The request carries text that a model will read.
     */
    promptBearing?: boolean,
    /**
     * The service charges for the call.
     */
    billable?: boolean,
  }
  /**
   * A worked example: documentation that the host tests.
   */
  export interface Example {
    /**
     * What the example shows.
     */
    title: string,
    /**
     * JSON that passes the action's input schema.
     */
    input: string,
    /**
     * What `describe` returns for it; JSON bodies are compared as JSON values.
     */
    expected: Request,
  }
  /**
   * One named capability.
   */
  export interface Action {
    /**
     * Lower-case letters, digits and single dashes, at most 63 bytes; the second half of `port/action`.
     */
    slug: string,
    /**
     * Name for people: one line of at most 80 characters.
     */
    label: string,
    /**
     * What it does and when to call it, in at most 2,000 characters.
     */
    description: string,
    /**
     * The only method it may describe.
     */
    method: Method,
    /**
     * The only paths it may describe, such as `/v1/agents/{agent_id}`. `{name}` stands for one segment;
     * a last `{name+}` stands for one or more, each checked.
     */
    path: string,
    /**
     * The only query keys it may describe. Keys that carry a credential or override the method are refused.
     */
    query: Array<string>,
    /**
     * The only header names it may describe: lower-case letters, digits and dashes. Names that route, frame or
     * authenticate are refused.
     */
    headers: Array<string>,
    /**
     * The only kind of body it may describe.
     */
    body: BodyMode,
    /**
     * JSON Schema (2020-12) of the input. The host applies it before `describe` is called.
     */
    inputSchema: string,
    /**
     * JSON Schema (2020-12) of the answer; `none` where it is not known.
     */
    outputSchema?: string,
    /**
     * Asked of the operator by default.
     */
    approval: ApprovalMode,
    /**
     * What it does to the world.
     */
    effect: Effect,
    /**
     * How the answer is handed over.
     */
    result: ResultMode,
    /**
     * Facts that policies and reviewers go by.
     */
    traits: Traits,
    /**
     * At least one worked example.
     */
    examples: Array<Example>,
  }
  /**
   * Everything a plugin declares.
   */
  export interface Manifest {
    /**
     * Version of the plugin (Semantic Versioning 2.0.0).
     */
    version: string,
    /**
     * The one service it speaks to.
     */
    port: Port,
    /**
     * What it can do there; slugs are unique.
     */
    actions: Array<Action>,
  }
}
