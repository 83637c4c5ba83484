// Times in the reader's own zone, countdowns, and the keyboard. Nothing here decides anything: a key moves the focus, and
// only a button that has it, or a form that is submitted, says yes or no.
const skew = Number(document.body.dataset.now) - Date.now();
const at = (id) => document.getElementById(id);

export function localize(root) {
  for (const time of root.querySelectorAll("time[data-ms]")) {
    const date = new Date(Number(time.dataset.ms));
    time.title = time.dateTime;
    time.textContent = date.toLocaleString();
  }
}

function left(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds <= 0) return "time is over";
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours) return `${hours} h ${minutes} min left`;
  return minutes ? `${minutes} min ${seconds % 60} s left` : `${seconds} s left`;
}

export function count() {
  const now = Date.now() + skew;
  for (const place of document.querySelectorAll("[data-ends]")) {
    const ms = Number(place.dataset.ends) - now;
    place.textContent = left(ms);
    place.classList.toggle("soon", ms < 60000);
  }
}

// One decision a form: a second press while the first is on its way does nothing.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (button && form.id === "approve") button.textContent = "Sending…";
  });
}
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

function move(step) {
  const links = [...document.querySelectorAll("#waiting a")];
  if (!links.length) return;
  const from = links.indexOf(document.activeElement);
  const current = links.findIndex((link) => link.hasAttribute("aria-current"));
  const start = from >= 0 ? from : current;
  links[start < 0 ? 0 : Math.min(Math.max(start + step, 0), links.length - 1)].focus();
}

function show(element) {
  if (!element) return;
  element.focus();
  element.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  a: () => show(at("name") ?? at("yes")),
  r: () => show(at("reason")),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "Escape") {
    if (typing) event.target.blur();
    else at("back")?.click();
  } else if (!typing && !event.repeat && Object.hasOwn(keys, event.key)) {
    event.preventDefault();
    keys[event.key]();
  }
});

localize(document);
count();
setInterval(count, 1000);
