// What waits for the network is said in words on every page, and sent as soon as there is one. On the composer the
// service worker is set up; a browser without one sends as ever and keeps its draft.
import "./outbox.js";
import { remember } from "./memory.js";

const { outbox } = globalThis;
const place = document.getElementById("kept-feedback");
const composer = document.querySelector("form[data-composer]");
const { scope } = document.body.dataset;
const FILES = "files";

const said = document.createElement("span");

function say(text, open) {
  said.textContent = text;
  for (const button of place.querySelectorAll("button")) button.hidden = !open;
  place.hidden = text === "";
}

async function show({ sent = 0, asks = false } = {}) {
  const records = await outbox.kept(scope);
  const refused = records.filter(({ state }) => state === "refused");
  const waiting = records.length - refused.length;
  const words = place.dataset;
  const counted = (one, many, number) => (number === 1 ? words[one] : words[many].replace("{number}", number));
  if (refused.length) say(counted("refusedOne", "refusedMany", refused.length), true);
  else if (waiting && asks) say(counted("signInOne", "signInMany", waiting));
  else if (waiting) say(counted("waitingOne", "waitingMany", waiting));
  else if (sent) say(counted("sentOne", "sentMany", sent));
  else say(composer && (!navigator.onLine || "offline" in document.body.dataset) ? words.write : "");
  const link = place.querySelector("a");
  link.hidden = !(waiting && asks && !refused.length);
}

async function send() {
  const records = await outbox.kept(scope);
  if (!records.some(({ state }) => state === "waiting") || !navigator.onLine) return show();
  await show(); // said at once, whatever the network does
  return outbox.send(scope).then(show, () => show());
}

// The server says what is wrong, beside each field, when the same is sent as a form again.
async function openRefused() {
  const record = (await outbox.kept(scope)).find(({ state }) => state === "refused");
  if (!record) return;
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: record.action, enctype: "multipart/form-data", hidden: true });
  const token = await outbox.token(record.action);
  for (const [name, value] of [["csrfmiddlewaretoken", token], ...record.fields]) {
    const input = document.createElement("input");
    input.name = name;
    if (typeof value === "string") {
      input.type = "hidden";
      input.value = value;
    } else {
      const files = new DataTransfer();
      if (value.size) files.items.add(new File([value], value.name, { type: value.type }));
      input.type = "file";
      input.files = files.files;
    }
    form.append(input);
  }
  document.body.append(form);
  await outbox.put({ ...record, state: "opened" });
  form.submit();
}

async function dropRefused() {
  const record = (await outbox.kept(scope)).find(({ state }) => state === "refused");
  if (record && window.confirm(place.dataset.drop)) await outbox.drop(record);
  await show();
}

// What was opened is dropped once a page shows that it arrived: sent, or back in the form with what is wrong. A page of
// an error shows no such thing.
async function settle() {
  const failed = "error" in document.body.dataset;
  const key = composer?.elements.key.value;
  for (const record of await outbox.kept(scope)) {
    if (record.state !== "opened") continue;
    if (failed || (key && key !== record.key)) await outbox.put({ ...record, state: "refused" });
    else if (scope) {
      await outbox.drop(record);
      if (key === record.key) composer.elements.text.dispatchEvent(new Event("input", { bubbles: true })); // as a draft
    }
  }
}

// The composer's page is kept for whoever is signed in now, and for nobody else.
async function forgetOthers() {
  for (const name of await caches.keys()) {
    if (name.startsWith("composer:") && name !== `composer:${scope}`) await caches.delete(name);
  }
}

async function setUp() {
  await navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
  await navigator.serviceWorker.ready;
  if ("offline" in document.body.dataset) return;
  const files = await caches.open(FILES);
  const used = performance.getEntriesByType("resource").map(({ name }) => new URL(name));
  const own = used.filter(({ origin, pathname }) => origin === location.origin && pathname.startsWith("/static/"));
  const wanted = new Set(own.map(({ href }) => href.split("#")[0]));
  for (const { url } of await files.keys()) if (!wanted.has(url)) await files.delete(url); // of an earlier release
  await Promise.all(Array.from(wanted, async (url) => (await files.match(url)) ?? files.add(url)));
  if (!(await caches.match(location.pathname))) await fetch(location.pathname);
  document.documentElement.dataset.opensOffline = "";
}

if ("indexedDB" in window && "caches" in window) {
  forgetOthers().catch(() => {});
  if (place && scope) {
    place.querySelector("[data-open]").addEventListener("click", openRefused);
    place.querySelector("[data-discard]").addEventListener("click", dropRefused);
    window.addEventListener("online", send);
    window.addEventListener("offline", () => show().catch(() => {}));
    place.prepend(said);
  }
  settle()
    .then(() => place && scope && send())
    .catch(() => {});
  if (composer && "serviceWorker" in navigator) {
    setUp().catch(() => {});
    // Kept after it was sent, a form that comes back by Back would have the key of the one that waits.
    window.addEventListener("pageshow", ({ persisted }) => {
      if (persisted && "offline" in document.body.dataset) location.reload();
    });
    if (new URLSearchParams(location.search).has("kept")) remember(`draft:${composer.dataset.draft}`, null);
  }
}
