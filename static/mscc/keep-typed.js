// Keeps what is typed into a form on the server, so that a locked screen or a crash loses none of it.
const waiting = new Map();

function forget(form) {
  clearTimeout(waiting.get(form)?.timer);
  waiting.get(form)?.sent.abort();
  waiting.delete(form);
}

document.addEventListener("submit", (event) => forget(event.target), true);
document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-keep]");
  if (!form) return;
  const kept = waiting.get(form) ?? { timer: null, sent: new AbortController() };
  waiting.set(form, kept);
  clearTimeout(kept.timer);
  kept.timer = setTimeout(() => {
    const typed = new FormData(form);
    const token = typed.get("csrfmiddlewaretoken");
    typed.set("place", new URL(form.action).pathname);
    const headers = { "X-Requested-With": "fetch", "X-CSRFToken": token };
    fetch("/drafts/", { method: "POST", body: typed, headers, signal: kept.sent.signal }).catch(() => {});
  }, 700);
});
