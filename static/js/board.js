// Arrow keys on the board: up and down within a column, right opens a goal's children, left returns to its parent.

const cards = (column) => Array.from(column.querySelectorAll("a.gcard"));

function neighbour(card, key) {
  const column = card.closest(".board-col");
  const all = cards(column);
  if (key === "ArrowDown") return all[all.indexOf(card) + 1];
  if (key === "ArrowUp") return all[all.indexOf(card) - 1];
  const columns = Array.from(column.parentElement.querySelectorAll(".board-col"));
  const next = columns[columns.indexOf(column) + (key === "ArrowRight" ? 1 : -1)];
  return next && (next.querySelector("a.gcard[aria-current]") ?? cards(next)[0]);
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("a.gcard");
  if (!card || !event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  // Right on a card that is not open yet opens it; htmx or the browser brings the column, and focus follows.
  if (event.key === "ArrowRight" && !card.hasAttribute("aria-current")) card.click();
  else neighbour(card, event.key)?.focus();
});
