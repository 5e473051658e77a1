// Saves the form as it is filled in and shows what the guideline says so far.
// Without it the same advice stands on the check page, and Continue saves.
const form = document.querySelector("[data-live-advice]");
const target = document.querySelector("[data-live-advice-target]");
const status = document.querySelector("[data-live-advice-status]");
let timer = null;
let latest = 0;

async function save() {
  const number = ++latest;
  try {
    const answer = await fetch(form.dataset.liveAdvice, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "fetch" },
    });
    if (number !== latest) return;
    if (answer.ok) {
      target.innerHTML = await answer.text();
      const stream = target.querySelector(".nhsuk-tag")?.textContent.trim() ?? "";
      if (status.dataset.stream !== stream) {
        status.dataset.stream = stream;
        status.textContent = `Saved. Now: ${stream}.`;
      }
    } else {
      status.textContent = "Not saved: sign in again in another tab, or ring the coordinator.";
    }
  } catch {
    status.textContent = "Not saved: the connection is down. Ring the coordinator if it is urgent.";
  }
}

function soon(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(save, milliseconds);
}

if (form && target) {
  // Says when each copy was made, so that one that arrives late never replaces a newer one.
  form.addEventListener("formdata", (event) => event.formData.set("revision", String(Date.now())));
  form.addEventListener("submit", () => clearTimeout(timer));
  form.addEventListener("change", () => soon(50));
  form.addEventListener("input", () => soon(800));
}
