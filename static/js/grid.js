// data-grid on a form: its inputs with data-cell="column" are cells of one table. Arrow keys and Enter move between them,
// Escape gives one back what it came with, and rows copied in a spreadsheet fill the cells from here on. Each part with
// data-sum shows the sum of its weights.

const cells = (grid) =>
  Array.from(grid.querySelectorAll("tbody tr"), (row) => Array.from(row.querySelectorAll("td"), (cell) => cell.querySelector("[data-cell]")));

function place(rows, input) {
  const y = rows.findIndex((row) => row.includes(input));
  return y < 0 ? null : { x: rows[y].indexOf(input), y };
}

function go(input) {
  if (!input) return false;
  input.focus();
  input.select();
  return true;
}

// The next one that can be written, up to the edge.
function from(rows, at, dx, dy) {
  for (let x = at.x + dx, y = at.y + dy; rows[y] && x >= 0 && x < rows[y].length; x += dx, y += dy) {
    if (rows[y][x]) return rows[y][x];
  }
  return null;
}

function leaves(input, key) {
  const { selectionStart: start, selectionEnd: end, value } = input;
  if (start === 0 && end === value.length) return true; // all of it, as it is when one has just come
  return key === "ArrowLeft" ? end === 0 : start === value.length;
}

const MOVES = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0], Enter: [0, 1] };

document.addEventListener("keydown", (event) => {
  const input = event.target.closest?.("[data-grid] [data-cell]");
  if (!input || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") {
    input.value = input.defaultValue;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.select();
    event.preventDefault();
    event.stopPropagation();
    return;
  }
  const move = MOVES[event.key];
  if (!move) return;
  if (event.shiftKey && event.key !== "Enter") return; // it selects
  if (move[0] !== 0 && !leaves(input, event.key)) return;
  const rows = cells(input.closest("[data-grid]"));
  const sign = event.shiftKey ? -1 : 1;
  go(from(rows, place(rows, input), move[0] * sign, move[1] * sign));
  event.preventDefault(); // Enter does not send the form from the middle of a table
});

document.addEventListener("focusin", (event) => {
  event.target.closest?.("[data-grid] [data-cell]")?.select();
});

// Cells with line breaks come in quotes, and a quote in them is doubled.
function sheet(text) {
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const row = rows[rows.length - 1];
    const last = row.length - 1;
    const one = text[i];
    if (quoted && one === '"' && text[i + 1] === '"') {
      row[last] += '"';
      i += 1;
    } else if (one === '"' && (quoted || row[last] === "")) quoted = !quoted;
    else if (!quoted && one === "\t") row.push("");
    else if (!quoted && one === "\n") rows.push([""]);
    else if (one !== "\r") row[last] += one === "\n" ? " " : one;
  }
  if (rows.length > 1 && rows[rows.length - 1].join("") === "") rows.pop(); // Excel ends with a line break
  return rows;
}

document.addEventListener("paste", (event) => {
  const input = event.target.closest?.("[data-grid] [data-cell]");
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!input || !/[\t\n]/u.test(text)) return; // one cell: as in any field
  event.preventDefault();
  const rows = cells(input.closest("[data-grid]"));
  const at = place(rows, input);
  sheet(text).forEach((line, down) => {
    line.forEach((value, right) => {
      const cell = rows[at.y + down]?.[at.x + right];
      if (!cell) return;
      cell.value = value.trim();
      cell.dispatchEvent(new Event("input", { bubbles: true }));
    });
  });
});

const number = (text) => Number(String(text).replace(/[%％,，\s]/gu, "")) || 0;

function add(part) {
  const weights = Array.from(part.querySelectorAll("[data-cell=weight]"), (one) => number(one.value));
  const total = part.querySelector("[data-total]");
  const sum = Math.round(weights.reduce((all, one) => all + one, number(total.dataset.rest)) * 100) / 100;
  total.textContent = `${sum}%`;
  total.classList.toggle("over", sum !== 100);
}

document.addEventListener("input", (event) => {
  const part = event.target.closest?.("[data-grid] [data-sum]");
  if (part && event.target.dataset.cell === "weight") add(part);
});

for (const part of document.querySelectorAll("[data-grid] [data-sum]")) add(part); // a refused form comes back as it was typed
