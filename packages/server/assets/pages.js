// What the hosted pages are more with than without: shown passwords, a hint of strength, one submit at a time.
const SVG = "http://www.w3.org/2000/svg";
const EYE = "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z";
const SLASH = " M4 4l16 16";

for (const control of document.querySelectorAll(".control[data-show]")) addReveal(control);
for (const input of document.querySelectorAll("input[data-strength]")) addStrength(input);
for (const form of document.forms) form.addEventListener("submit", submitOnce);
// A page that the back button brings back is not sending anything.
addEventListener("pageshow", () => document.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled")));
showLocalDays();
forgetNotice();

/** A button that shows the password, and hides it again before it is sent. */
function addReveal(control) {
  const { show, hide } = control.dataset;
  const input = control.querySelector("input");
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
  const set = (isShown) => {
    input.type = isShown ? "text" : "password";
    path.setAttribute("d", isShown ? EYE + SLASH : EYE);
    button.setAttribute("aria-label", isShown ? hide : show);
    button.title = isShown ? hide : show;
  };
  button.addEventListener("click", () => set(input.type === "password"));
  input.form.addEventListener("submit", () => set(false));
  set(false);
  control.append(button);
}

/** A guess, and no more: the server decides. */
function addStrength(input) {
  const words = input.dataset.strength.split("|");
  const line = document.createElement("div");
  const meter = document.createElement("meter");
  const word = document.createElement("span");
  line.className = "strength";
  Object.assign(meter, { min: 0, max: 4, low: 1.5, high: 2.5, optimum: 4 });
  meter.setAttribute("aria-hidden", "true");
  word.setAttribute("role", "status");
  line.append(meter, word);
  line.hidden = true;
  input.closest(".field").append(line);
  input.addEventListener("input", () => {
    const rank = rankOf(input.value, Number(input.dataset.min));
    line.hidden = input.value === "";
    meter.value = rank + 1;
    word.textContent = words[rank];
  });
}

function rankOf(password, min) {
  const length = [...password].length;
  if (length < min) return 0;
  const variety = new Set(password.toLowerCase()).size;
  const runs = [...password].filter((char, i, all) => i > 0 && Math.abs(char.codePointAt(0) - all[i - 1].codePointAt(0)) <= 1).length;
  const worth = Math.min(length, variety * 1.6) - runs * 0.7;
  return worth < 10 ? 1 : worth < 14 ? 2 : 3;
}

function submitOnce(event) {
  const button = event.submitter ?? event.target.querySelector("button[type=submit]");
  if (event.target.dataset.sent !== undefined && button?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "";
  // Not `disabled`: that would take the focus away.
  button?.setAttribute("aria-disabled", "true");
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

/** What was told once is not told again after a reload. */
function forgetNotice() {
  const url = new URL(location.href);
  if (!url.searchParams.has("notice")) return;
  url.searchParams.delete("notice");
  history.replaceState(history.state, "", url);
}
