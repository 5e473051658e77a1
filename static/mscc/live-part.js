// Brings the changing parts of a page up to date every ten seconds. Without it, reload the page.
const live = document.querySelector("[data-live]");

async function refresh() {
  try {
    const answer = await fetch(live.dataset.live, { headers: { "X-Requested-With": "fetch" } });
    if (answer.status === 401) return;
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of fresh.querySelectorAll("[data-part]")) {
        document.querySelector(`[data-part="${part.dataset.part}"]`)?.replaceChildren(...part.childNodes);
      }
    }
  } catch {
    // The next round tries again; the page says when it was sent.
  }
  setTimeout(refresh, 10000);
}

if (live) setTimeout(refresh, 10000);
