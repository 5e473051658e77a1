// Keeps what is typed into a form on the server, so that a locked screen or a crash loses none of it.
// Forms that are drawn later, such as those of a drawer, are kept alike.
import { standing } from "./signed-in.js";

const waiting = new Map();

function send(form, signal) {
  const typed = new FormData(form);
  typed.set("place", new URL(form.action).pathname);
  return fetch("/drafts/", { method: "POST", body: typed, headers: { "X-Requested-With": "fetch" }, signal });
}

async function keep(form, signal) {
  try {
    let answer = await send(form, signal);
    if ([401, 403].includes(answer.status) && (await standing()) === "here") answer = await send(form, signal);
    say(form, answer.ok ? "" : "What you type here is not being kept: load this page again before you leave it.");
  } catch {
    if (!signal.aborted) say(form, "What you type here is not being kept: the connection is down.");
  }
}

function say(form, words) {
  let line = form.querySelector("[data-not-kept]");
  if (!line && !words) return;
  if (!line) {
    line = document.createElement("p");
    line.className = "live-status live-status--stale";
    line.dataset.notKept = "";
    line.setAttribute("role", "status");
    form.append(line);
  }
  line.textContent = words;
}

document.addEventListener("submit", ({ target }) => {
  clearTimeout(waiting.get(target)?.timer);
  waiting.get(target)?.sent.abort();
  waiting.delete(target);
}, true);
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-keep]");
  if (!form) return;
  const kept = waiting.get(form) ?? { timer: null, sent: new AbortController() };
  waiting.set(form, kept);
  clearTimeout(kept.timer);
  kept.timer = setTimeout(() => keep(form, kept.sent.signal), 700);
});

// A link to a closed form opens it.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  target?.closest("details")?.setAttribute("open", "");
  if (target?.tagName === "DETAILS") target.setAttribute("open", "");
}
window.addEventListener("hashchange", openTarget);
openTarget();
