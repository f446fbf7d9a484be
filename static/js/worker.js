// The service worker: the composer opens without network, and what is sent from it then is kept and sent later.
// Kept are the files it is made of and the composer's own page, empty as it is opened, for one person at a time and as
// long as a sign-in lasts; no other page. Signing out clears all of it (Clear-Site-Data).
/* global outbox, clients */

const FILES = "files";
const SHELL = "composer:";
const COMPOSER = /^\/t\/[^/]+\/feedback\/new\/$/u;
const KEPT_AT = "x-kept-at";
const AS_LONG_AS_A_SIGN_IN = 12 * 3600 * 1000;
const PATIENCE = 4000; // a network that does not answer is none

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(clients.claim()));

async function forgetShells(but) {
  for (const name of await caches.keys()) {
    if (name.startsWith(SHELL) && name !== but) await caches.delete(name);
  }
}

async function keepShell(path, answer) {
  const page = await answer.text();
  const scope = /<body[^>]* data-scope="([^"]+)"/u.exec(page)?.[1];
  if (!scope) return;
  const headers = new Headers(answer.headers);
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  headers.set(KEPT_AT, Date.now());
  await forgetShells(SHELL + scope);
  const shell = await caches.open(SHELL + scope);
  await shell.put(path, new Response(page, { headers }));
}

async function shellOf(path) {
  const found = await caches.match(path);
  if (!found) return null;
  if (Date.now() - Number(found.headers.get(KEPT_AT)) > AS_LONG_AS_A_SIGN_IN) {
    await forgetShells();
    return null;
  }
  // Each time it is opened it is another feedback, with a key of its own.
  const page = (await found.text())
    .replace(/(name="key" value=")[^"]*/u, `$1${crypto.randomUUID()}`)
    .replace("<body ", "<body data-offline ");
  return new Response(page, { headers: found.headers });
}

async function composer(event, { pathname, search }) {
  const { request } = event;
  const asked = fetch(request);
  const isPlain = search === "" && !request.headers.has("X-Outbox");
  event.waitUntil(
    asked
      .then((answer) => answer.clone())
      .then(async (answer) => {
        if (answer.type === "opaqueredirect" || answer.redirected) await forgetShells();
        else if (isPlain && answer.ok) await keepShell(pathname, answer);
      })
      .catch(() => {}),
  );
  if (request.headers.has("X-Outbox")) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, null));
  const answer = await Promise.race([asked, late]).catch(() => null);
  return answer ?? (await shellOf(pathname)) ?? asked;
}

async function post(request, { pathname }) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch (error) {
    if (request.mode !== "navigate" || !(await outbox.keep(pathname, await copy.formData()))) throw error;
    self.registration.sync?.register("outbox").catch(() => {});
    return Response.redirect(`${pathname}?kept`, 303);
  }
}

async function file(request) {
  const files = await caches.open(FILES);
  try {
    const answer = await fetch(request);
    if (answer.ok && (await files.match(request))) await files.put(request, answer.clone());
    return answer;
  } catch (error) {
    const found = await files.match(request);
    if (found) return found;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (COMPOSER.test(address.pathname)) {
    if (request.method === "GET") event.respondWith(composer(event, address));
    else if (request.method === "POST" && !request.headers.has("X-Outbox")) event.respondWith(post(request, address));
  } else if (request.method === "GET" && address.pathname.startsWith("/static/")) event.respondWith(file(request));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(outbox.send());
});
