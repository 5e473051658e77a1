// Watches whether the person who opened a page is still signed in. Hides the page when the session locks or ends, shows it
// again when the same person is back, and takes the form token of a new sign-in. Without it the server asks on the next page.
const EVERY = 10000;
const WAIT = 3000;
const IDLE = 30 * 60 * 1000;
const opener = document.querySelector("meta[name=signed-in]")?.content;
let keep = async () => {};
let held = null;
let used = Date.now();

for (const kind of ["input", "click", "keydown"]) document.addEventListener(kind, () => (used = Date.now()), true);

// What a page does to keep what was typed, before it is hidden and after it is shown again.
export function keepBy(save) {
  keep = save;
}

// "here", "away" (locked, signed out or somebody else), or "unknown" when the service does not answer.
export async function standing() {
  let answer;
  try {
    answer = await fetch("/accounts/signed-in/", { headers: { "X-Requested-With": "fetch" }, signal: AbortSignal.timeout(WAIT) });
  } catch {
    if (Date.now() - used > IDLE) hide(LOCKED);
    return "unknown";
  }
  if (answer.status === 401) {
    if (!held) await keep();
    hide(answer.headers.get("X-Locked") ? LOCKED : OUT);
    return "away";
  }
  if (!answer.ok) return "here";
  const { who, token } = await answer.json();
  if (who !== opener) {
    hide(OTHER);
    return "away";
  }
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  await show(token);
  return "here";
}

const LOCKED = ["Locked after 30 minutes without use", "Nothing you typed is lost."];
const OUT = ["You are signed out", "What you typed is kept in this tab while it stays open."];
const OTHER = ["Somebody else is signed in now", "What was typed here is kept for the person who typed it, and is not shown."];

function hide([title, words]) {
  const main = document.querySelector("main");
  if (!held) {
    held = document.createDocumentFragment();
    held.append(...main.childNodes);
  }
  const heading = document.createElement("h1");
  heading.className = "nhsuk-heading-l";
  heading.tabIndex = -1;
  heading.textContent = title;
  const line = document.createElement("p");
  const link = document.createElement("a");
  const back = held.querySelector("[data-live-advice]")?.action ?? location.href;
  const { pathname, search } = new URL(back);
  link.href = `/accounts/login/?next=${encodeURIComponent(pathname + search)}`;
  link.textContent = "Sign in again";
  line.append(`${words} `, link, " to go on.");
  const shown = main.querySelector("h1")?.textContent;
  if (shown === title) return;
  main.replaceChildren(heading, line);
  document.querySelector(".nhsuk-header__account")?.setAttribute("hidden", "");
  document.querySelector(".ring-bar")?.setAttribute("hidden", "");
  heading.focus();
}

async function show(token) {
  if (!held) return;
  for (const field of held.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  document.querySelector("main").replaceChildren(held);
  held = null;
  document.querySelector(".nhsuk-header__account")?.removeAttribute("hidden");
  document.querySelector(".ring-bar")?.removeAttribute("hidden");
  await keep();
}

async function watch() {
  await standing();
  setTimeout(watch, held ? 2000 : EVERY);
}

if (opener) {
  setTimeout(watch, EVERY);
  window.addEventListener("focus", standing);
  document.addEventListener("visibilitychange", () => document.hidden || standing());
}
