// One key answers a question and goes on to the next. Without it the radios are answered as ever.
import { shortcutsOn } from "./shortcuts.js";

const KEYS = { y: "yes", n: "no", u: "not_assessed" };
const hint = document.querySelector("[data-answer-keys]");
if (hint) hint.hidden = false; // its words say how, and hold the switch

document.addEventListener("keydown", (event) => {
  const value = KEYS[event.key.toLowerCase()];
  const finding = event.target.closest?.(".finding");
  if (!value || !finding || !shortcutsOn() || event.ctrlKey || event.metaKey || event.altKey) return;
  const radio = finding.querySelector(`input[type=radio][value="${value}"]`);
  if (!radio) return;
  event.preventDefault();
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  const findings = [...document.querySelectorAll(".finding")];
  const next = findings[findings.indexOf(finding) + 1];
  (next?.querySelector("input:checked") ?? next?.querySelector("input") ?? radio).focus();
});
