// data-key="/" or "g h" on a link, button or field: that key goes there. Only what is on the page has a key; ? lists them.
// Keys rest while somebody types, and can be switched off for good (WCAG 2.1.4).
import { recall, remember } from "./memory.js";

const PAUSE = 1200;
let first = null;
let timer = null;

const seen = (target) => target.getClientRects().length > 0;
const targets = () => Array.from(document.querySelectorAll("[data-key]")).filter(seen);
const typing = (target) => target.isContentEditable || target.matches("input, textarea, select");
const nameOf = (target) => target.getAttribute("aria-label") ?? target.textContent.trim();

function go(target) {
  if (target.matches("input, textarea")) target.focus();
  else target.click();
}

function help() {
  const dialog = document.getElementById("shortcuts");
  if (!dialog || dialog.open) return;
  const list = dialog.querySelector("dl");
  list.replaceChildren();
  for (const target of targets()) {
    const term = document.createElement("dt");
    const key = document.createElement("span");
    key.className = "kbd";
    key.textContent = target.dataset.key.toUpperCase();
    term.append(key);
    const said = document.createElement("dd");
    said.textContent = nameOf(target);
    list.append(term, said);
  }
  dialog.querySelector("input").checked = recall("keys") !== "off";
  dialog.showModal();
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("#shortcuts input")) remember("keys", target.checked ? null : "off");
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    help();
    return;
  }
  if (recall("keys") === "off") return;
  const pressed = first ? `${first} ${event.key.toLowerCase()}` : event.key.toLowerCase();
  clearTimeout(timer);
  first = null;
  const all = targets();
  const target = all.find((candidate) => candidate.dataset.key === pressed);
  if (target) {
    event.preventDefault();
    go(target);
  } else if (all.some((candidate) => candidate.dataset.key.startsWith(`${pressed} `))) {
    first = pressed;
    timer = setTimeout(() => (first = null), PAUSE);
  }
});
