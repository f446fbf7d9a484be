// The goal tree. The server writes rows; here they open, close and are walked by the keyboard, and open branches are
// remembered for the next visit. A row: tr[data-goal][aria-level], with aria-expanded and a link [data-fold] if it has
// goals below. The table names where rows come from: data-rows="…/rows/", asked with ?parent=ID or ?open=ID,ID.
import { recall, remember } from "./memory.js";

const MOST_REMEMBERED = 60;

const tableOf = (row) => row.closest("table[data-rows]");
const level = (row) => Number(row.getAttribute("aria-level"));
const rowsOf = (table) => Array.from(table.tBodies[0].rows);
const shown = (table) => rowsOf(table).filter((row) => !row.hidden);

function below(row) {
  const found = [];
  for (let next = row.nextElementSibling; next && level(next) > level(row); next = next.nextElementSibling) {
    found.push(next);
  }
  return found;
}

async function fetchRows(table, query) {
  const address = new URL(table.dataset.rows, location.href);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(answer.status);
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  return part.content;
}

async function open(row) {
  const children = below(row);
  if (children.length === 0) {
    row.setAttribute("aria-busy", "true");
    try {
      row.after(await fetchRows(tableOf(row), { parent: row.dataset.goal }));
    } catch {
      location.assign(row.querySelector("[data-fold]").href); // the page itself can open a branch too
      return;
    } finally {
      row.removeAttribute("aria-busy");
    }
  }
  row.setAttribute("aria-expanded", "true");
  showOpenBranches(row);
  keep(tableOf(row));
}

function close(row) {
  row.setAttribute("aria-expanded", "false");
  for (const child of below(row)) child.hidden = true;
  keep(tableOf(row));
}

// A branch closed inside an open one stays closed.
function showOpenBranches(row) {
  let closedAt = Infinity;
  for (const child of below(row)) {
    if (level(child) <= closedAt) closedAt = Infinity;
    child.hidden = level(child) > closedAt;
    if (!child.hidden && child.getAttribute("aria-expanded") === "false") closedAt = level(child);
  }
}

function keep(table) {
  const ids = rowsOf(table)
    .filter((row) => row.getAttribute("aria-expanded") === "true")
    .map((row) => row.dataset.goal);
  remember("tree", ids.slice(0, MOST_REMEMBERED));
}

function walk(table, row) {
  for (const other of table.querySelectorAll("tr[tabindex='0']")) other.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
}

function parentOf(row) {
  let before = row.previousElementSibling;
  while (before && level(before) >= level(row)) before = before.previousElementSibling;
  return before;
}

const keys = {
  ArrowDown: (table, row) => shown(table)[shown(table).indexOf(row) + 1],
  ArrowUp: (table, row) => shown(table)[shown(table).indexOf(row) - 1],
  Home: (table) => shown(table)[0],
  End: (table) => shown(table).at(-1),
  ArrowRight(table, row) {
    if (row.getAttribute("aria-expanded") === "false") void open(row);
    else if (row.hasAttribute("aria-expanded")) return row.nextElementSibling;
  },
  ArrowLeft(table, row) {
    if (row.getAttribute("aria-expanded") === "true") close(row);
    else return parentOf(row);
  },
  Enter(table, row) {
    row.querySelector("a[data-goal-link]")?.click();
  },
};

document.addEventListener("keydown", (event) => {
  const row = event.target;
  if (!row.matches?.("table[data-rows] tr[data-goal]") || !(event.key in keys)) return;
  event.preventDefault();
  const next = keys[event.key](tableOf(row), row);
  if (next) walk(tableOf(row), next);
});

document.addEventListener("click", (event) => {
  const fold = event.target.closest("table[data-rows] [data-fold]");
  if (!fold || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const row = fold.closest("tr");
  if (row.getAttribute("aria-expanded") === "true") close(row);
  else void open(row);
});

// The address wins over memory: a shared link shows what its sender saw.
async function restore(table) {
  const ids = recall("tree");
  if (!ids?.length || new URLSearchParams(location.search).has("open")) return;
  try {
    table.tBodies[0].replaceChildren(await fetchRows(table, { open: ids.join(",") }));
  } catch {
    return; // the tree as it came is a good tree
  }
  enter(table);
}

function enter(table) {
  const first = rowsOf(table)[0];
  if (first) first.tabIndex = 0;
}

for (const table of document.querySelectorAll("table[data-rows]")) {
  enter(table);
  void restore(table);
}
