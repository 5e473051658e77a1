// Keeps what is typed into a form on the server, so that a locked screen or a crash loses none of it.
const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value;

for (const form of document.querySelectorAll("[data-keep]")) {
  let timer = null;
  const sent = new AbortController();
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    sent.abort();
  });
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const typed = new FormData(form);
      typed.set("place", new URL(form.action).pathname);
      const headers = { "X-Requested-With": "fetch", "X-CSRFToken": token };
      fetch("/drafts/", { method: "POST", body: typed, headers, signal: sent.signal }).catch(() => {});
    }, 700);
  });
}

// A link to a closed form opens it.
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  target?.closest("details")?.setAttribute("open", "");
  if (target?.tagName === "DETAILS") target.setAttribute("open", "");
}
window.addEventListener("hashchange", openTarget);
openTarget();
