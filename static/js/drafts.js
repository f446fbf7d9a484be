// data-draft="name" on a form: what is typed is kept in this browser until it has been saved, and a page is not left by
// accident while there is something unsaved. Passwords and files are never kept.
import { recall, remember, remembered } from "./memory.js";

const PAUSE = 400;
const WEEK = 7 * 24 * 3600 * 1000;
const dirty = new WeakSet();
const timers = new WeakMap();

const forms = () => document.querySelectorAll("form[data-draft]");
const keyOf = (form) => `draft:${form.dataset.draft}`;
const keepable = (field) =>
  field.name && field.type !== "password" && field.type !== "file" && field.type !== "hidden" && !field.disabled;
const refused = (form) => form.querySelector("[data-summary], [aria-invalid=true]") !== null;

function read(form) {
  const values = {};
  for (const field of form.elements) {
    if (!keepable(field) || field.tagName === "BUTTON") continue;
    if (field.type === "checkbox" || field.type === "radio") {
      values[field.name] ??= [];
      if (field.checked) values[field.name].push(field.value);
    } else if (field.type === "select-multiple") {
      values[field.name] = Array.from(field.selectedOptions, (option) => option.value);
    } else values[field.name] = field.value;
  }
  return values;
}

function write(form, values) {
  for (const field of form.elements) {
    if (!keepable(field) || !(field.name in values)) continue;
    const value = values[field.name];
    if (field.type === "checkbox" || field.type === "radio") field.checked = value.includes(field.value);
    else if (field.type === "select-multiple") {
      for (const option of field.options) option.selected = value.includes(option.value);
    } else if (typeof value === "string") field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function keep(form) {
  remember(keyOf(form), { values: read(form), at: Date.now() });
}

function offer(form) {
  const draft = recall(keyOf(form));
  const note = form.querySelector("[data-draft-note]");
  if (!draft || refused(form)) return; // a refused form comes back with the words in it
  if (JSON.stringify(draft.values) === JSON.stringify(read(form))) return;
  const before = read(form);
  write(form, draft.values);
  dirty.add(form);
  if (!note) return;
  note.hidden = false;
  note.querySelector("button").onclick = () => {
    write(form, before);
    dirty.delete(form);
    remember(keyOf(form), null);
    note.hidden = true;
  };
}

// A draft that was sent is dropped once a page arrives that neither refuses the form nor is an error page. Coming back
// or reloading is no such page: the request may have died on its way.
function settle() {
  const failed = "error" in document.body.dataset;
  for (const key of remembered("draft:")) {
    const draft = recall(key);
    const form = document.querySelector(`form[data-draft="${CSS.escape(key.slice("draft:".length))}"]`);
    const old = Date.now() - (draft?.at ?? 0) > WEEK;
    if (old || (draft.sent && !failed && !(form && refused(form)))) remember(key, null);
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-draft]");
  if (!form) return;
  dirty.add(form);
  clearTimeout(timers.get(form));
  timers.set(
    form,
    setTimeout(() => keep(form), PAUSE),
  );
});

document.addEventListener("submit", ({ target }) => {
  if (!target.matches("form[data-draft]")) return;
  clearTimeout(timers.get(target));
  dirty.delete(target);
  remember(keyOf(target), { values: read(target), at: Date.now(), sent: true });
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.verb === "get") return;
  const form = detail.elt.closest("form[data-draft]");
  if (detail.successful) settle();
  else if (form) {
    dirty.add(form);
    keep(form);
  }
});

window.addEventListener("beforeunload", (event) => {
  for (const form of forms()) {
    if (!dirty.has(form)) continue;
    keep(form);
    event.preventDefault();
    return;
  }
});

if (performance.getEntriesByType("navigation")[0]?.type === "navigate") settle();
for (const form of forms()) offer(form);
