// Keeps the worklist up to date, sounds for a new emergency, and locks the screen when the server says so.
// Without it the page is a plain list that reloading brings up to date.
const EVERY = 5000;
const area = document.querySelector("[data-worklist]");
const soundRow = document.querySelector("[data-sound]");
let context = null;
let alarms = 0;
let failedSince = null;

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
  if (number > alarms) beep();
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
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  document.querySelector("main").replaceChildren(...page.querySelector("main").childNodes);
  document.querySelector("header")?.replaceWith(page.querySelector("header"));
  watchLocked();
}

async function refresh() {
  try {
    const answer = await fetch(area.dataset.worklist + location.search, { headers: { "X-Requested-With": "fetch" } });
    if (answer.status === 401) return lock(answer.headers.get("X-Locked") ?? area.dataset.locked);
    if (!answer.ok) throw new Error(answer.status);
    const holds = area.contains(document.activeElement) ? document.activeElement : null;
    const row = holds?.closest("[data-reference]")?.dataset.reference;
    area.innerHTML = await answer.text();
    if (row) area.querySelector(`[data-reference="${row}"] ${holds.tagName.toLowerCase()}`)?.focus();
    failedSince = null;
    announce(Number(area.querySelector("[data-alarms]").dataset.alarms));
  } catch {
    failedSince ??= new Date();
    const time = failedSince.toLocaleTimeString("en-GB", { timeZone: "Europe/London", hour: "2-digit", minute: "2-digit" });
    status(`Not up to date since ${time}. Reload the page; if that fails, ring the rota.`, true);
  }
  setTimeout(refresh, EVERY);
}

function watchLocked() {
  const place = document.querySelector("[data-locked-counts]");
  const line = document.querySelector("[data-locked-line]");
  const look = async () => {
    try {
      const answer = await fetch(place.dataset.lockedCounts, { headers: { "X-Requested-With": "fetch" } });
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
  soundRow.querySelector("button").addEventListener("click", (event) => {
    context = context ? null : new AudioContext();
    event.target.setAttribute("aria-pressed", String(Boolean(context)));
    event.target.textContent = context ? "Sound is on" : "Sound is off";
    beep();
  });
}
if (area) {
  alarms = Number(area.querySelector("[data-alarms]").dataset.alarms);
  setTimeout(refresh, EVERY);
} else if (document.querySelector("[data-locked-counts]")) {
  watchLocked();
}
