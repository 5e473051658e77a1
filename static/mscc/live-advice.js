// Saves the form as it is filled in and shows what the guideline says so far. Says at once when it cannot be saved.
// Without it the same advice is on the check page, and Continue saves.
import { keepBy, standing } from "./signed-in.js";

const WAIT = 5000;
const AGAIN = 3000;
const form = document.querySelector("[data-live-advice]");
const target = document.querySelector("[data-live-advice-target]");
const status = document.querySelector("[data-live-advice-status]");
const SILENT = "the service does not answer. What you typed is still on this page. Ring the coordinator if it is urgent.";
let timer = null;
let latest = 0;
let unsaved = false;
let going = false;

function send({ closing = false } = {}) {
  unsaved = false;
  return fetch(form.dataset.liveAdvice, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-Requested-With": "fetch" },
    keepalive: closing,
    signal: closing ? undefined : AbortSignal.timeout(WAIT),
  });
}

async function save() {
  const number = ++latest;
  try {
    let answer = await send();
    if ([401, 403].includes(answer.status)) {
      unsaved = true;
      if ((await standing()) !== "here") return;
      answer = await send();
    }
    if (number !== latest) return;
    if (answer.ok) await show(answer);
    else fail(`Not saved: ${answer.status === 409 ? "somebody else was signed in when this page was opened." : "load this page again, or ring the coordinator."}`);
  } catch {
    unsaved = true;
    if (number !== latest) return;
    fail(`Not saved: ${navigator.onLine ? SILENT : "the connection is down. What you typed is still on this page. Ring the coordinator if it is urgent."}`);
    soon(AGAIN);
  }
}

async function show(answer) {
  target.innerHTML = await answer.text();
  document.querySelector("[data-position]").textContent = answer.headers.get("X-Position");
  const stream = target.querySelector(".nhsuk-tag")?.textContent.trim() ?? "";
  const failed = status.classList.contains("live-status--stale");
  status.classList.remove("live-status--stale");
  if (failed || status.dataset.stream !== stream) {
    status.dataset.stream = stream;
    status.textContent = stream ? `Saved. Now: ${stream}.` : "Saved.";
  }
}

function fail(words) {
  status.classList.add("live-status--stale");
  if (status.textContent !== words) status.textContent = words;
}

function soon(milliseconds) {
  unsaved = true;
  clearTimeout(timer);
  timer = setTimeout(save, milliseconds);
}

// Nothing is sent into a dead network or by an old sign-in: the page would go, and what was typed with it.
async function leave(event) {
  if (going) return void (going = false);
  event.preventDefault();
  if (form.dataset.asking) return;
  form.dataset.asking = "yes";
  clearTimeout(timer);
  const found = await standing();
  delete form.dataset.asking;
  const kept = found === "unknown" && !unsaved && navigator.onLine; // slow, and the server has it all
  if (found === "here" || kept) {
    going = true;
    unsaved = false;
    form.requestSubmit(event.submitter);
  } else if (found === "unknown") {
    fail(`Not sent: ${SILENT} Press the button again when the connection is back.`);
    soon(AGAIN);
  }
}

if (form && target) {
  // Says when each copy was made, so that one that arrives late never replaces a newer one.
  form.addEventListener("formdata", (event) => event.formData.set("revision", String(Date.now())));
  form.addEventListener("submit", leave);
  form.addEventListener("change", () => soon(50));
  form.addEventListener("input", () => soon(800));
  keepBy(async () => {
    clearTimeout(timer);
    if (!unsaved) return;
    const answer = await send().catch(() => null);
    unsaved = !answer?.ok;
  });
  window.addEventListener("online", save);
  window.addEventListener("pagehide", () => unsaved && send({ closing: true }).catch(() => {}));
  window.addEventListener("pageshow", () => (going = false));
}
