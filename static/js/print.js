// data-print on a button: it prints the page. Without script it stays hidden, and the browser's own menu does it.

for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-print]")) window.print();
});
