// News of what waits. One tab listens and tells the others, since a browser opens only a few connections to one server.
// Text is only ever set as text; a line is a copy of the page's own.
import { count, localize } from "/page/desk.js";

const at = (id) => document.getElementById(id);
const list = at("waiting");
const title = document.title.replace(/^\(\d+\) /, "");
let known = list && new Set([...list.children].map((item) => item.dataset.id));

function item(line) {
  const made = at("line").content.firstElementChild.cloneNode(true);
  made.dataset.id = line.id;
  const link = made.querySelector("a");
  link.href = `/approvals/${line.id}`;
  for (const name of ["action", "origin", "agent", "effect"]) link.querySelector(`.${name}`).textContent = line[name];
  link.querySelector(".effect").className = `effect ${line.effect}`;
  link.querySelector(".left").dataset.ends = line.ends;
  return made;
}

function fill(lines) {
  const items = new Map([...list.children].map((one) => [one.dataset.id, one]));
  const ids = new Set(lines.map((line) => line.id));
  for (const [id, one] of items) {
    if (ids.has(id)) continue;
    const next = one.nextElementSibling ?? one.previousElementSibling;
    if (one.contains(document.activeElement)) (next?.querySelector("a") ?? at("main")).focus();
    one.remove();
  }
  lines.forEach((line, index) => {
    const one = items.get(line.id) ?? item(line);
    if (list.children[index] !== one) list.insertBefore(one, list.children[index] ?? null);
  });
  at("empty").hidden = lines.length > 0;
  localize(list);
  count();
}

function tell(lines) {
  const fresh = known ? lines.filter((line) => !known.has(line.id)) : [];
  known = new Set(lines.map((line) => line.id));
  if (fresh.length === 1) at("news").textContent = `${fresh[0].agent} asks for ${fresh[0].action}`;
  else if (fresh.length) at("news").textContent = `${fresh.length} new calls wait for you`;
}

function show({ lines }) {
  document.title = lines.length ? `(${lines.length}) ${title}` : title;
  const icon = document.querySelector("link[rel=icon]");
  icon.href = lines.length ? "/page/icon-waiting.svg" : "/page/icon.svg";
  at("count").hidden = !lines.length;
  at("count").querySelector("b").textContent = lines.length;
  tell(lines);
  if (list) fill(lines);
  const shown = document.querySelector("[data-approval]");
  const gone = shown?.dataset.state === "pending" && !lines.some((line) => line.id === shown.dataset.approval);
  if (shown) at("gone").hidden = !gone;
  at("lost").hidden = true;
}

const others = new BroadcastChannel("portcullis");
const news = {
  waiting: show,
  over: () => location.reload(),
  lost: () => (at("lost").hidden = false),
};
others.addEventListener("message", ({ data }) => news[data.kind](data.news));

function say(kind, what) {
  others.postMessage({ kind, news: what });
  news[kind](what);
}

function listen() {
  return new Promise(() => {
    const stream = new EventSource("/live");
    stream.addEventListener("waiting", (event) => say("waiting", JSON.parse(event.data)));
    stream.addEventListener("over", () => {
      stream.close();
      say("over");
    });
    stream.addEventListener("error", () => {
      say("lost");
      // Refused, not broken off: nobody is signed in any more, or too many listen.
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
    });
  });
}

if (navigator.locks) navigator.locks.request("portcullis", listen);
else listen();
