// Single keys as shortcuts, and the switch that turns them off in this browser (WCAG 2.1.4): who dictates or has a
// tremor presses keys that were never meant. Keys with Ctrl or Alt, and Escape, are no single letters and stay.
const KEPT = "mscc-shortcuts";

export function shortcutsOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // nothing can be kept here
  }
}

// Whether a key is pressed as a shortcut: they are on, and nobody is typing.
export function isShortcut(event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  return shortcutsOn() && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
}

function show() {
  const on = shortcutsOn();
  for (const control of document.querySelectorAll("[data-shortcuts-switch]")) {
    control.hidden = false;
    control.setAttribute("aria-pressed", String(on));
    control.textContent = `Single-key shortcuts are ${on ? "on" : "off"}`;
  }
  for (const hint of document.querySelectorAll("[data-shortcut-hint]")) hint.hidden = !on;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-shortcuts-switch]")) return;
  try {
    localStorage.setItem(KEPT, shortcutsOn() ? "off" : "on");
  } catch {
    return;
  }
  show();
});
show();
