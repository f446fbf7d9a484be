// What was sent without network: kept on this device (IndexedDB, pictures as well) under the key of its form, and sent
// once when the network is back. Runs in pages and in the service worker, so it exports nothing and asks for no document.
// What belongs to one person of one company ("scope") is never read or sent for another: the page that a feedback is
// sent from is asked for first, and says who is signed in.
{
  const STORE = "feedback";
  const REFUSED = [400, 403, 404, 413, 422]; // sent again it would fare no better: its writer looks at it

  function opened() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("outbox", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: ["scope", "key"] });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async function inStore(mode, ask) {
    const database = await opened();
    try {
      const transaction = database.transaction(STORE, mode);
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
      const asked = ask(transaction.objectStore(STORE));
      await done;
      return asked.result;
    } finally {
      database.close();
    }
  }

  const put = (record) => inStore("readwrite", (store) => store.put(record));
  const drop = ({ scope, key }) => inStore("readwrite", (store) => store.delete([scope, key]));

  async function kept(scope) {
    const all = await inStore("readonly", (store) => store.getAll());
    return all.filter((record) => !scope || record.scope === scope).sort((one, other) => one.at - other.at);
  }

  // False where it is no feedback that could be sent later: without a key or an owner, or a button that asks the page.
  async function keep(action, data) {
    const [scope, key] = [data.get("scope"), data.get("key")];
    if (!scope || !key || data.has("find") || data.has("instead")) return false;
    const fields = [...data].filter(([name]) => name !== "csrfmiddlewaretoken");
    await put({ scope, key, action, fields, at: Date.now(), state: "waiting" });
    return true;
  }

  const attribute = (text) => text.replaceAll("&#x27;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  const found = (page, pattern) => attribute(pattern.exec(page)?.[1] ?? "");

  // The page as it is now: who is signed in, and the token that goes with it. Null where the network is still away.
  async function pageOf(action) {
    const answer = await fetch(action, { cache: "no-store", headers: { "X-Outbox": "1" } });
    const page = await answer.text();
    return {
      isThere: answer.ok && !answer.redirected,
      isShut: REFUSED.includes(answer.status),
      isDoor: answer.redirected,
      scope: found(page, /<body[^>]* data-scope="([^"]*)"/u),
      token: found(page, /name="csrfmiddlewaretoken" value="([^"]+)"/u),
    };
  }

  async function sendOne(record, page) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", page.token);
    for (const [name, value] of record.fields) body.append(name, value);
    const answer = await fetch(record.action, { method: "POST", body, headers: { "X-Outbox": "1" } });
    const { pathname } = new URL(answer.url);
    if (answer.ok && answer.redirected && !pathname.startsWith("/accounts/")) await drop(record);
    else if (REFUSED.includes(answer.status)) await put({ ...record, state: "refused" });
    return answer.ok;
  }

  // What is left to say of `scope`, or of everybody's without one: {sent, asks}; asks where signing in again comes first.
  async function sendKept(scope) {
    let [sent, asks] = [0, false];
    const records = (await kept(scope)).filter((record) => record.state === "waiting");
    const pages = new Map();
    for (const record of records) {
      if (!pages.has(record.action)) pages.set(record.action, await pageOf(record.action));
      const page = pages.get(record.action);
      if (page.isDoor || (page.isThere && page.scope !== record.scope)) asks = true;
      else if (page.isThere && (await sendOne(record, page))) sent += 1;
      else if (page.isShut && scope) await put({ ...record, state: "refused" }); // else it may be shut to somebody else
    }
    return { sent, asks };
  }

  // Two windows, or a window and the worker, take turns: the second finds nothing left.
  async function send(scope) {
    const locks = globalThis.navigator.locks;
    return locks ? locks.request("outbox", () => sendKept(scope)) : sendKept(scope);
  }

  const token = async (action) => (await pageOf(action)).token;

  globalThis.outbox = { keep, kept, put, drop, send, token };
}
