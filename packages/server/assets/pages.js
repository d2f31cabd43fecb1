// What the hosted pages are more with than without: shown passwords, a hint of strength, one submit at a time.
const SVG = "http://www.w3.org/2000/svg";
const EYE = "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z";
const SLASH = " M4 4l16 16";

for (const input of document.querySelectorAll("input")) {
  const { show, hide } = input.parentElement?.dataset ?? {};
  if (show !== undefined && hide !== undefined) addReveal(input, show, hide);
  if (input.dataset["strength"] !== undefined) addStrength(input, input.dataset["strength"].split("|"), Number(input.dataset["min"]));
}
for (const form of document.forms) form.addEventListener("submit", submitOnce);
// A page that the back button brings back is not sending anything.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
});
for (const button of document.querySelectorAll("button[data-copy]")) if (button instanceof HTMLButtonElement) addCopy(button);
for (const button of document.querySelectorAll("button[data-print]")) {
  button.addEventListener("click", () => print());
  button.removeAttribute("hidden");
}
showLocalDays();
takeToken();
forgetNotice();
// What leads on to an app by a form.
for (const form of document.querySelectorAll("form[data-submit]")) if (form instanceof HTMLFormElement) form.requestSubmit();

/**
 * A button that shows the password, and hides it again before it is sent.
 * @param {HTMLInputElement} input
 * @param {string} show
 * @param {string} hide
 */
function addReveal(input, show, hide) {
  const button = document.createElement("button");
  const icon = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  icon.setAttribute("class", "icon");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.append(path);
  button.type = "button";
  button.className = "reveal";
  button.setAttribute("aria-controls", input.id);
  button.append(icon);
  const set = (/** @type {boolean} */ isShown) => {
    input.type = isShown ? "text" : "password";
    path.setAttribute("d", isShown ? EYE + SLASH : EYE);
    button.setAttribute("aria-label", isShown ? hide : show);
    button.title = isShown ? hide : show;
  };
  button.addEventListener("click", () => set(input.type === "password"));
  input.form?.addEventListener("submit", () => set(false));
  set(false);
  input.after(button);
}

/**
 * A guess, and no more: the server decides.
 * @param {HTMLInputElement} input
 * @param {readonly string[]} words
 * @param {number} min
 */
function addStrength(input, words, min) {
  const line = document.createElement("div");
  const meter = document.createElement("meter");
  const word = document.createElement("span");
  line.className = "strength";
  Object.assign(meter, { min: 0, max: 4, low: 1.5, high: 2.5, optimum: 4 });
  meter.setAttribute("aria-hidden", "true");
  word.setAttribute("role", "status");
  line.append(meter, word);
  line.hidden = true;
  input.closest(".field")?.append(line);
  input.addEventListener("input", () => {
    const rank = rankOf(input.value, min);
    line.hidden = input.value === "";
    meter.value = rank + 1;
    word.textContent = words[rank] ?? "";
  });
}

/**
 * From 0, too short, to 3. Steps such as "abc" or "111" are worth less.
 * @param {string} password
 * @param {number} min
 */
function rankOf(password, min) {
  const codes = Array.from(password.toLowerCase(), (char) => char.codePointAt(0) ?? 0);
  if (codes.length < min) return 0;
  const steps = codes.filter((code, index) => Math.abs(code - (codes[index - 1] ?? -9)) <= 1).length;
  const worth = Math.min(codes.length, new Set(codes).size * 1.6) - steps * 0.7;
  if (worth < 10) return 1;
  return worth < 14 ? 2 : 3;
}

/**
 * Copies a list line by line, and says so.
 * @param {HTMLButtonElement} button
 */
function addCopy(button) {
  const { copy = "", done = "" } = button.dataset;
  const word = button.querySelector("span");
  if (!navigator.clipboard || !word) return;
  button.addEventListener("click", () => {
    const lines = Array.from(document.querySelectorAll(`#${copy} > li`), ({ textContent }) => textContent);
    void navigator.clipboard.writeText(lines.join("\n")).then(() => (word.textContent = done));
  });
  word.setAttribute("role", "status");
  button.hidden = false;
}

/** @param {SubmitEvent} event */
function submitOnce(event) {
  const { submitter } = event;
  if (submitter?.getAttribute("aria-disabled") === "true") event.preventDefault();
  // Not `disabled`: that would take the focus away.
  else if (submitter) {
    submitter.setAttribute("aria-disabled", "true");
    // Where the person stops the loading, or the browser refuses to go there, nothing tells us.
    setTimeout(() => submitter.removeAttribute("aria-disabled"), 10_000);
  }
}

/** The server names days in UTC. */
function showLocalDays() {
  const days = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" });
  const utc = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  for (const time of document.querySelectorAll("time")) {
    const at = new Date(time.dateTime);
    time.textContent = time.textContent.replace(utc.format(at), days.format(at));
  }
}

/** What a link in a mail proves stands behind its "#": it goes into the form, out of the address, and along to other languages. */
function takeToken() {
  const field = document.querySelector("[data-from-link]");
  const input = field?.querySelector("input");
  const token = location.hash.slice(1);
  if (!(field instanceof HTMLElement) || !input || !/^[\w-]{43}$/.test(token)) return;
  input.value = token;
  field.hidden = true;
  for (const link of document.querySelectorAll("footer a")) if (link instanceof HTMLAnchorElement) link.hash = token;
  history.replaceState(history.state, "", location.pathname + location.search);
}

/** What was told once is not told again after a reload. */
function forgetNotice() {
  const url = new URL(location.href);
  if (!url.searchParams.has("notice")) return;
  url.searchParams.delete("notice");
  history.replaceState(history.state, "", url);
}
