// Asks the browser for a passkey and sends its answer with the form. Without JavaScript a code does the same.
const form = document.querySelector("[data-passkey]");
const button = form.querySelector("button");
const problem = form.querySelector("[data-passkey-problem]");

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function question() {
  const asked = JSON.parse(form.dataset.question);
  asked.challenge = bytes(asked.challenge);
  if (asked.user) asked.user.id = bytes(asked.user.id);
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    asked[list] = (asked[list] || []).map((known) => ({ ...known, id: bytes(known.id) }));
  }
  return asked;
}

function answer(credential) {
  const given = credential.response;
  const response = { clientDataJSON: text(given.clientDataJSON) };
  if (given.attestationObject) response.attestationObject = text(given.attestationObject);
  if (given.authenticatorData) response.authenticatorData = text(given.authenticatorData);
  if (given.signature) response.signature = text(given.signature);
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

if (window.PublicKeyCredential) {
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: question() });
      form.elements.passkey.value = JSON.stringify(answer(credential));
      form.submit();
    } catch {
      problem.hidden = false;
    }
  });
}
