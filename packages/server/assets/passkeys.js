// Passkeys on the hosted pages: a form with `data-passkey` is sent with what the browser's own dialogue gives for it.
const isAble = typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!isAble || !(form instanceof HTMLFormElement)) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    if (fieldOf(form, "passkey").value !== "") return;
    event.preventDefault();
    void ask(form);
  });
}
if (isAble) for (const note of document.querySelectorAll("[data-passkey-missing]")) note.remove();
// A page that the back button brings back has nothing to send yet.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-passkey]")) if (form instanceof HTMLFormElement) fieldOf(form, "passkey").value = "";
});

/**
 * What the server tells: what to ask the browser for, what to say, or where to go.
 * @typedef {{ options?: PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON, passkeyToken?: string, text?: string, goTo?: string }} ForScript
 * @param {HTMLFormElement} form
 */
async function ask(form) {
  const { passkey: purpose, options: address, cancelled = "", here = "" } = form.dataset;
  say(form, "");
  try {
    const answer = await fetch(address ?? "", { method: "POST", body: new URLSearchParams(entriesOf(form)), headers: { accept: "application/json" } });
    /** @type {unknown} */
    const told = await answer.json();
    const { options, passkeyToken, text, goTo } = /** @type {ForScript} */ (told);
    if (goTo !== undefined) return location.assign(goTo);
    if (options === undefined) return say(form, text ?? cancelled);
    const credential =
      purpose === "add"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    if (!(credential instanceof PublicKeyCredential)) return say(form, cancelled);
    fieldOf(form, "passkey").value = JSON.stringify(credential.toJSON());
    fieldOf(form, "passkeyToken").value = passkeyToken ?? "";
    form.requestSubmit();
  } catch (error) {
    // The authenticator says that it holds one of those that the account has (WebAuthn §5.1.3).
    say(form, error instanceof DOMException && error.name === "InvalidStateError" ? here : cancelled);
  }
}

/**
 * What stands in its fields, and whether the form beside it asks to be remembered.
 * @param {HTMLFormElement} form
 */
function entriesOf(form) {
  const remember = document.querySelector("input[name=remember][type=checkbox]");
  const kept = form.elements.namedItem("remember");
  if (kept instanceof HTMLInputElement && remember instanceof HTMLInputElement) kept.disabled = !remember.checked;
  return Array.from(new FormData(form), ([name, value]) => [name, typeof value === "string" ? value : ""]);
}

/**
 * @param {HTMLFormElement} form
 * @param {string} text
 */
function say(form, text) {
  const line = form.querySelector("[role=alert]");
  const words = line?.querySelector("span");
  if (!(line instanceof HTMLElement) || !words) return;
  line.hidden = text === "";
  words.textContent = text;
  if (text !== "") for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function fieldOf(form, name) {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) return field;
  throw new Error(`The form has no field ${name}.`);
}
