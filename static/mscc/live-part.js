// Brings the changing part of a page up to date every ten seconds. Without it, reload the page.
const part = document.querySelector("[data-live]");

async function refresh() {
  try {
    const answer = await fetch(part.dataset.live, { headers: { "X-Requested-With": "fetch" } });
    if (answer.status === 401) return;
    if (answer.ok) part.innerHTML = await answer.text();
  } catch {
    // The next round tries again; the page says when it was sent.
  }
  setTimeout(refresh, 10000);
}

if (part) setTimeout(refresh, 10000);
