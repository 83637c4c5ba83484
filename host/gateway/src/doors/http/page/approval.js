// Shows one approval and decides it. Text of strangers is only ever set as text.
const id = location.pathname.split("/").at(-1);
const at = (name) => document.getElementById(name);
let token = "";

// Characters that hide, reorder or cannot be seen are shown by number, and so is the backslash before such a number.
const hidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|\\(?=u\{)/gu;
const visible = (text) =>
  String(text).replace(hidden, (c) => (c === "\n" || c === "\t" ? c : `\\u{${c.codePointAt(0).toString(16)}}`));

async function ask(path, body) {
  const options = { headers: { authorization: `Bearer ${token}` } };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(`/v1/approvals/${encodeURIComponent(id)}${path}`, options);
  const said = await answer.json();
  if (answer.ok) return said;
  throw new Error([said.detail ?? said.title, said.fix && `next: ${said.fix}`].filter(Boolean).join("; "));
}

function show(held) {
  at("facts").replaceChildren();
  const body = held.request?.body;
  const time = (ms) => new Date(ms).toLocaleString();
  const facts = {
    state: held.state, action: held.action, agent: held.agent, rule: held.rule, origin: held.request?.origin,
    body: body && `${body.contentType}, ${body.bytes} bytes, ${body.digest}`, plugin: held.digest,
    asked: time(held.createdMs), expires: time(held.expiresMs), reason: held.reason,
    answered: held.outcome && `status ${held.outcome.status}`,
  };
  for (const [name, value] of Object.entries(facts)) {
    if (value === null || value === undefined) continue;
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    text.textContent = visible(value);
    at("facts").append(term, text);
  }
  const sent = held.request;
  at("request").textContent = sent
    ? visible([`${sent.method} ${sent.url}`, ...sent.headers.map(([name, value]) => `${name}: ${value}`), "",
        sent.body?.text ?? ""].join("\n"))
    : "It cannot be shown any more, nor sent.";
  const pending = held.state === "pending";
  at("decide").hidden = !pending;
  at("what").textContent = pending ? "What would be sent" : "What was asked for";
  at("shown").hidden = false;
  document.title = `${held.state} · ${held.action} · Portcullis`;
}

// After a no the approval is looked at again: what failed may have changed it.
async function say(what) {
  const buttons = document.querySelectorAll("button");
  at("said").textContent = "…";
  for (const button of buttons) button.disabled = true;
  let said = "";
  try {
    show(await what());
  } catch (error) {
    said = visible(error.message);
    at("shown").hidden = true;
    if (token) await ask("").then(show, () => {});
  }
  at("said").textContent = said;
  for (const button of buttons) button.disabled = false;
}

at("who").addEventListener("submit", (event) => {
  event.preventDefault();
  token = "";
  say(() => {
    const typed = at("token").value.trim();
    if (!/^pco_[A-Za-z0-9_-]{43}$/.test(typed)) throw new Error("That is no operator's token.");
    token = typed;
    return ask("");
  });
});
at("decide").addEventListener("submit", (event) => event.preventDefault());
at("approve").addEventListener("click", () => say(() => ask("/approve", {})));
at("reject").addEventListener("click", () =>
  say(() => ask("/reject", at("reason").value ? { reason: at("reason").value } : {})));
