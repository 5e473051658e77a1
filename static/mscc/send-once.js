// A second press of the button sends nothing more. The server stores a referral once in any case.
for (const form of document.querySelectorAll("[data-send-once]")) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-send-once]")) delete form.dataset.sent;
});
