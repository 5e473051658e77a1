// Keeps the worklist up to date, sounds for a new emergency, and locks the screen when the server says so.
// Without it the page is a plain list that reloading brings up to date.
import { isShortcut } from "./shortcuts.js";

const EVERY = 2500;
const PATIENCE = 2000; // together a hang is told within five seconds
const area = document.querySelector("[data-worklist]");
const soundRow = document.querySelector("[data-sound]");
let context = null;
let alarms = 0;
let failedSince = null;
let sequence = "";

function beep() {
  if (!context) return;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = 880;
  volume.gain.value = 0.3;
  tone.connect(volume).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + 0.6);
}

function announce(number) {
  if (number > alarms) {
    beep();
    const line = document.querySelector("[data-arrival]");
    if (line) line.textContent = `New emergency. ${number} ${number === 1 ? "waits" : "wait"} for somebody.`;
  }
  alarms = number;
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (number) document.title = `(${number}) ${document.title}`;
}

function status(text, stale) {
  const line = document.querySelector("[data-live-status]");
  if (!line) return;
  line.textContent = text;
  line.classList.toggle("live-status--stale", stale);
}

async function lock(address) {
  const page = new DOMParser().parseFromString(await (await fetch(address, { signal: AbortSignal.timeout(PATIENCE) })).text(), "text/html");
  document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
  document.querySelector("header")?.replaceWith(page.querySelector("header"));
  watchLocked();
}

async function refresh() {
  let again = true;
  try {
    const address = new URL(area.dataset.worklist + location.search, location.href);
    address.searchParams.set("seen", sequence);
    const answer = await fetch(address, { headers: { "X-Requested-With": "fetch" }, signal: AbortSignal.timeout(PATIENCE) });
    if (answer.status === 401) {
      await lock(answer.headers.get("X-Locked") ?? area.dataset.locked);
      again = false; // the locked page counts by itself
      return;
    }
    if (!answer.ok) throw new Error(answer.status);
    if (answer.status === 204) {
      if (failedSince) sequence = "";
      return;
    }
    const fresh = await answer.text();
    sequence = answer.headers.get("X-Sequence") ?? "";
    const holds = area.contains(document.activeElement) ? document.activeElement : null;
    const row = holds?.closest("[data-reference]")?.dataset.reference;
    area.innerHTML = fresh;
    if (row) area.querySelector(`[data-reference="${row}"] ${holds.tagName.toLowerCase()}`)?.focus();
    failedSince = null;
    announce(Number(area.querySelector("[data-alarms]").dataset.alarms));
  } catch {
    failedSince ??= new Date();
    const time = failedSince.toLocaleTimeString("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" });
    status(`Stale since ${time}: not up to date. Reload the page; if that fails, ring the rota.`, true);
  } finally {
    if (again) setTimeout(refresh, EVERY);
  }
}

function watchLocked() {
  const place = document.querySelector("[data-locked-counts]");
  const line = document.querySelector("[data-locked-line]");
  const look = async () => {
    try {
      const answer = await fetch(place.dataset.lockedCounts, { headers: { "X-Requested-With": "fetch" }, signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) throw new Error(answer.status);
      const { emergencies, since } = await answer.json();
      line.textContent = emergencies
        ? `${emergencies} emergenc${emergencies === 1 ? "y waits" : "ies wait"} for somebody, the first since ${since}`
        : "No emergency waits";
      announce(emergencies);
    } catch {
      line.textContent = "Not counting any more: sign in again, or ring the rota";
    }
    setTimeout(look, EVERY);
  };
  look();
}

if (soundRow) {
  soundRow.hidden = false;
  const control = soundRow.querySelector("[data-sound-switch]");
  control?.addEventListener("click", () => {
    context = context ? null : new AudioContext();
    control.setAttribute("aria-pressed", String(Boolean(context)));
    control.textContent = context ? "Sound is on" : "Sound is off";
    beep();
  });
  soundRow.querySelector("[data-sound-test]")?.addEventListener("click", () => {
    const before = context;
    context ??= new AudioContext();
    beep();
    context = before;
  });
}

// Shortcuts: one letter each, never while somebody types, and off where somebody has switched them off.
const help = document.getElementById("shortcuts");
function step(by) {
  const rows = [...area.querySelectorAll("[data-reference]")];
  const now = rows.indexOf(document.activeElement?.closest("[data-reference]"));
  rows[Math.min(Math.max(now + by, 0), rows.length - 1)]?.querySelector("a")?.focus();
}
const SHORTCUTS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => document.activeElement?.closest("[data-reference]")?.querySelector("button, .board__next a")?.focus(),
  "/": () => {
    document.getElementById("search")?.focus();
  },
  Escape: () => document.querySelector("[data-show-all]")?.click(),
  t: () => location.assign(soundRow.querySelector("[data-shortcuts]").dataset.new),
  "?": () => help.showModal(),
};
if (area && help) {
  soundRow.querySelector("[data-shortcuts]").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (!SHORTCUTS[event.key] || event.target.closest("dialog[open]")) return;
    if (event.key === "Escape" ? event.target.closest("input, textarea, select") : !isShortcut(event)) return;
    event.preventDefault();
    SHORTCUTS[event.key]();
  });
}

if (area) {
  alarms = Number(area.querySelector("[data-alarms]").dataset.alarms);
  setTimeout(refresh, EVERY);
} else if (document.querySelector("[data-locked-counts]")) {
  watchLocked();
}
