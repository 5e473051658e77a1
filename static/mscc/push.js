// "Use this browser": asks the browser for a subscription and sends it with the form.
const form = document.querySelector("[data-push]");
const said = form?.querySelector("[role=status]");

async function subscribe() {
  const worker = await navigator.serviceWorker.register(form.dataset.worker, { scope: form.dataset.scope });
  await navigator.serviceWorker.ready.catch(() => null);
  const key = form.dataset.push.replace(/-/g, "+").replace(/_/g, "/");
  const bytes = Uint8Array.from(atob(key), (c) => c.charCodeAt(0));
  return worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes });
}

form?.addEventListener("submit", async (event) => {
  const field = form.querySelector("[name=address]");
  if (field.value || event.submitter?.value !== "save") return;
  event.preventDefault();
  said.textContent = "Asking this browser…";
  try {
    field.value = JSON.stringify(await subscribe());
    form.requestSubmit(event.submitter);
  } catch (fault) {
    said.textContent = "This browser does not allow it: allow notifications for this address, or use another browser.";
  }
});
