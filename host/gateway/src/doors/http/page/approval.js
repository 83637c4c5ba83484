// Shows one approval and decides it. Text of strangers is only ever set as text.
const id = location.pathname.split("/").at(-1);
const at = (name) => document.getElementById(name);
let token = "";

// Characters that hide or reorder others are shown by number.
const visible = (text) =>
  String(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) =>
    c === "\n" || c === "\t" ? c : `\\u{${c.codePointAt(0).toString(16)}}`);

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
  const facts = {
    state: held.state, action: held.action, agent: held.agent, rule: held.rule,
    expires: new Date(held.expiresMs).toLocaleString(), reason: held.reason,
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
  at("decide").hidden = held.state !== "pending";
  at("shown").hidden = false;
  document.title = `${held.state} · ${held.action} · Portcullis`;
}

async function say(what) {
  at("said").textContent = "…";
  for (const button of document.querySelectorAll("button")) button.disabled = true;
  try {
    show(await what());
    at("said").textContent = "";
  } catch (error) {
    at("said").textContent = visible(error.message);
  }
  for (const button of document.querySelectorAll("button")) button.disabled = false;
}

at("who").addEventListener("submit", (event) => {
  event.preventDefault();
  token = at("token").value.trim();
  say(() => ask(""));
});
at("approve").addEventListener("click", () => say(() => ask("/approve", {})));
at("reject").addEventListener("click", () =>
  say(() => ask("/reject", at("reason").value ? { reason: at("reason").value } : {})));
