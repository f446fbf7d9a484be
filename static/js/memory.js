// What this browser remembers, kept apart by company and person: a shared phone must not show another one's words.
// A browser that refuses storage (private windows, full disks) forgets, and nothing else changes.

const scope = () => document.body.dataset.scope;

export function recall(key) {
  if (!scope()) return null;
  try {
    return JSON.parse(localStorage.getItem(`${scope()}:${key}`));
  } catch {
    return null;
  }
}

export function remember(key, value) {
  if (!scope()) return;
  try {
    if (value === null) localStorage.removeItem(`${scope()}:${key}`);
    else localStorage.setItem(`${scope()}:${key}`, JSON.stringify(value));
  } catch {
    // Nothing to do: the page works without.
  }
}

export function remembered(prefix) {
  const start = `${scope()}:${prefix}`;
  try {
    return Object.keys(localStorage)
      .filter((name) => scope() && name.startsWith(start))
      .map((name) => name.slice(scope().length + 1));
  } catch {
    return [];
  }
}
