// Brings the changing parts of a page up to date every two and a half seconds, all from one answer so that none contradicts
// another, and says within five when it cannot. Without it, reload the page.
import { standing } from "./signed-in.js";

const EVERY = 2500;
const WAIT = 2000;
const live = document.querySelector("[data-live]");
const status = document.querySelector("[data-live-status]");
const drawn = new Map();
let stale = "";

async function refresh() {
  try {
    const headers = { "X-Requested-With": "fetch" };
    const answer = await fetch(live.dataset.live, { headers, signal: AbortSignal.timeout(WAIT) });
    if (answer.status === 401) await standing();
    else if (!answer.ok) throw new Error(answer.status);
    else draw(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    stale ||= new Date().toLocaleTimeString("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" });
    say(`Not up to date since ${stale}: the service does not answer. Ring the coordinator.`, true);
  }
}

function draw(fresh) {
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const old = document.querySelector(`[data-part="${name}"]`);
    const html = part.innerHTML;
    if (!old || drawn.get(name) === html) continue;
    const address = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    const open = [...old.querySelectorAll("details")].map((one) => one.open);
    old.replaceChildren(...part.childNodes);
    old.querySelectorAll("details").forEach((one, place) => (one.open ||= open[place] ?? false));
    if (address) old.querySelector(`a[href="${CSS.escape(address)}"]`)?.focus();
    drawn.set(name, html);
  }
  if (stale) say("Up to date again.", false);
  stale = "";
}

function say(words, isStale) {
  status.textContent = words;
  status.classList.toggle("live-status--stale", isStale);
}

async function watch() {
  if (!document.hidden) await refresh();
  setTimeout(watch, EVERY);
}

if (live) {
  setTimeout(watch, EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
}
