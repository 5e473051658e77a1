// Saves a part of the record as it is filled in and says so. Without it each part has its own button.
import { standing } from "./signed-in.js";

const WAIT = 8000;
const status = document.querySelector("[data-saved-status]");

for (const form of document.querySelectorAll("[data-save-as-one-goes]")) {
  let timer = null;
  let turn = Promise.resolve();
  const save = async () => {
    try {
      const headers = { "X-Requested-With": "fetch" };
      const send = () => fetch(form.action, { method: "POST", body: new FormData(form), headers, signal: AbortSignal.timeout(WAIT) });
      let answer = await send();
      if ([401, 403].includes(answer.status) && (await standing()) === "here") answer = await send();
      if (answer.ok) {
        const { saved, changed } = await answer.json();
        if (changed) status.textContent = `Saved at ${saved}. The coordinator is told.`;
      } else if (answer.status === 422) {
        status.textContent = `Not saved yet. ${(await answer.json()).errors.join(" ")}`;
      } else {
        status.textContent = "Not saved: load this page again, or ring the coordinator.";
      }
    } catch {
      status.textContent = "Not saved: the connection is down. Ring the coordinator if it is urgent.";
    }
  };
  const soon = (milliseconds) => {
    clearTimeout(timer);
    timer = setTimeout(() => (turn = turn.then(save)), milliseconds);
  };
  form.addEventListener("submit", () => clearTimeout(timer));
  form.addEventListener("change", () => soon(200));
}
