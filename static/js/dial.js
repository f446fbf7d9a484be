// data-dial around a number: buttons for one step less and one step more, big enough for a thumb.

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-step]");
  const input = button?.closest("[data-dial]")?.querySelector("input");
  if (!input) return;
  if (Number(button.dataset.step) > 0) input.stepUp();
  else input.stepDown();
  input.dispatchEvent(new Event("input", { bubbles: true }));
});

for (const button of document.querySelectorAll("[data-step]")) button.hidden = false;
document.addEventListener("htmx:load", ({ target }) => {
  for (const button of target.querySelectorAll("[data-step]")) button.hidden = false;
});
