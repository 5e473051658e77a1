// Says on every open page, within half a minute, that the service cannot be used, why, and whom to ring.
// Without it the next page says so.
const EVERY = 8000;
const AGAIN = 3000;
const WAIT = 3000;
const line = document.querySelector("[data-outage]");
let misses = 0;

async function words() {
  try {
    const answer = await fetch("/health/service", { cache: "no-store", signal: AbortSignal.timeout(WAIT) });
    const { works, words } = await answer.json();
    misses = 0;
    return works ? "" : words;
  } catch {
    misses += 1; // one may be lost while a server process is replaced
    return misses > 1 ? "The service does not answer: this page is not up to date, and nothing that you enter can be stored." : line.dataset.outage;
  }
}

async function look() {
  const said = await words();
  if (said === line.dataset.outage) return;
  line.dataset.outage = said;
  line.textContent = said && `${said} Ring the MSCC coordinator on ${line.dataset.telephone}.`;
  line.hidden = !said;
}

async function watch() {
  if (!document.hidden) await look();
  setTimeout(watch, misses === 1 ? AGAIN : EVERY);
}

if (line) {
  watch();
  document.addEventListener("visibilitychange", () => document.hidden || look());
}
