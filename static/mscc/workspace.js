// The workspace of a case: forms open in a drawer beside it, the page brings itself up to date, "/" opens the menu.
// Without it every form is its own page, and reloading brings the page up to date.
import { isShortcut } from "./shortcuts.js";
import { standing } from "./signed-in.js";

const EVERY = 2500;
const PATIENCE = 2000; // together the page says within five seconds that it is not up to date
const workspace = document.querySelector(".workspace");
const drawer = document.querySelector("[data-drawer-place]");
const content = document.querySelector("[data-drawer-content]");
const HEADERS = { "X-Requested-With": "fetch" };
let opener = null;
let changed = false;

function loaded(html, focus = true) {
  content.innerHTML = html;
  const search = content.querySelector("[data-menu-search]");
  if (search) search.hidden = false;
  const first = search?.querySelector("input") ?? content.querySelector("[role=alert] a, h2");
  if (focus) first?.focus();
}

async function open(address, from) {
  const url = new URL(address, location.href);
  url.searchParams.set("from", location.pathname);
  const answer = await fetch(url, { headers: HEADERS }).catch(() => null);
  if (answer?.status === 401) return standing();
  if (!answer?.ok) return location.assign(address);
  opener ??= from;
  if (!drawer.open) drawer.show();
  loaded(await answer.text());
}

function close() {
  drawer.close();
  content.replaceChildren();
  opener?.isConnected ? opener.focus() : document.getElementById("due-title")?.scrollIntoView({ block: "nearest" });
  opener = null;
}

// A form of the drawer is sent without leaving the page; what it did is said there, and the page follows.
async function send(form, button) {
  const post = () => {
    const typed = new FormData(form);
    if (button?.name) typed.set(button.name, button.value);
    return fetch(form.action, { method: "POST", body: typed, headers: HEADERS }).catch(() => null);
  };
  let answer = await post();
  if ([401, 403].includes(answer?.status) && (await standing()) === "here") answer = await post(); // signed in again elsewhere
  if (!answer || answer.status >= 500 || [401, 403].includes(answer.status)) {
    return fail("Not sent. What you typed is still here: try again, or ring.");
  }
  loaded(await answer.text());
  if (content.querySelector("[data-done]")) {
    changed = true;
    const said = content.textContent.trim();
    await refresh();
    close();
    say(said);
  }
}

function fail(text) {
  let line = content.querySelector("[data-failed]");
  if (!line) {
    line = document.createElement("p");
    line.dataset.failed = "";
    line.className = "alarm";
    line.setAttribute("role", "alert");
    content.prepend(line);
  }
  line.textContent = text;
  line.scrollIntoView({ block: "nearest" });
}

function say(text) {
  let line = document.querySelector("[data-said]");
  if (!line) {
    line = document.createElement("p");
    line.dataset.said = "";
    line.className = "said";
    line.setAttribute("role", "status");
    workspace.querySelector(".case-views").after(line);
  }
  line.textContent = text;
}

if (drawer) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-drawer]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      const here = document.querySelector(`#due [data-act-form="${link.dataset.act}"]`);
      event.preventDefault();
      if (here) return here.querySelector("input:not([type=hidden]), select, textarea, button").focus();
      open(link.href, link);
    }
    if (event.target.closest("[data-drawer-close]")) close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drawer.open) return close();
    if (event.key !== "/" || !isShortcut(event)) return;
    event.preventDefault();
    const menu = document.querySelector("[data-menu]");
    if (menu) open(menu.href, menu);
  });
  content.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.target.dataset.sending) return;
    event.target.dataset.sending = "yes";
    send(event.target, event.submitter).finally(() => delete event.target.dataset.sending);
  });
  content.addEventListener("input", (event) => {
    if (event.target.id !== "menu-search") return;
    const sought = event.target.value.trim().toLowerCase();
    for (const item of content.querySelectorAll("[data-menu-group] li")) {
      item.hidden = ![item.textContent, item.dataset.words ?? ""].some((words) => words.toLowerCase().includes(sought));
    }
    for (const folded of content.querySelectorAll("[data-menu-refused]")) {
      folded.hidden = !folded.querySelector("li:not([hidden])");
      folded.open = Boolean(sought) && !folded.hidden;
    }
    for (const group of content.querySelectorAll("[data-menu-group]")) group.hidden = !group.querySelector("li:not([hidden])");
    content.querySelector("[data-menu-nothing]").hidden = Boolean(content.querySelector("[data-menu-group]:not([hidden])"));
  });
}

// What somebody is typing into is left as it is; the focus stays on the same link or button.
function busy(part) {
  const active = document.activeElement;
  const types = part.contains(active) && active.matches("input:not([type=hidden]), select, textarea");
  return types || Boolean(part.querySelector("[data-touched]"));
}

function replace(here, part) {
  const active = here.contains(document.activeElement) ? document.activeElement : null;
  here.replaceChildren(...part.childNodes);
  if (!active) return;
  const same = [...here.querySelectorAll("a, button, summary")].find(
    (one) => one.tagName === active.tagName && (one.href ?? one.textContent) === (active.href ?? active.textContent),
  );
  same?.focus();
}
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-part] form");
  if (form) form.dataset.touched = "yes";
});

let sequence = workspace?.dataset.sequence;
let failedSince = null;
let held = false;
const status = document.querySelector("[data-live-case-status]");

function notice(text) {
  const line = document.querySelector("[data-live-case-status]");
  line.hidden = false;
  line.textContent = text;
}

function stale(since) {
  const line = document.querySelector("[data-live-case-status]") ?? status;
  line.hidden = !since;
  line.classList.toggle("live-status--stale", Boolean(since));
  const time = since?.toLocaleTimeString("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" });
  line.textContent = since ? `Not up to date since ${time}. Reload the page; if that fails, ring.` : "";
}

async function refresh() {
  const address = new URL(workspace.dataset.liveCase, location.href);
  address.searchParams.set("seen", changed ? "" : sequence);
  try {
    const answer = await fetch(address, { headers: HEADERS, signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 401) return standing();
    if (!answer.ok) throw new Error(answer.status);
    if (answer.status !== 204) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      let whole = true;
      for (const part of fresh.querySelectorAll("[data-part]")) {
        const here = document.querySelector(`[data-part="${part.dataset.part}"]`);
        if (!here || here.innerHTML === part.innerHTML) continue;
        if (busy(here) && !changed) whole = false;
        else replace(here, part);
      }
      if (whole) sequence = fresh.querySelector(".workspace").dataset.sequence;
      document.title = fresh.title;
      held = !whole;
    } else held = false;
    changed = false;
    failedSince = null;
    stale(null);
    if (held) notice("This case has changed. What you are typing into is left as it is: send it, or load the page again to see all.");
  } catch {
    failedSince ??= new Date();
    stale(failedSince);
  }
}

if (workspace?.dataset.liveCase) {
  const round = () => refresh().finally(() => setTimeout(round, EVERY));
  setTimeout(round, EVERY);
}
