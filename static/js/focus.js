// Where attention goes: to the summary of a refused form, and into the live region for what changed on the side.

function toSummary(root) {
  root.querySelector("[data-summary]")?.focus();
}

// What took the place of a form that was saved or left: the way back into it.
function toPen(root) {
  if (document.activeElement === document.body && root.matches?.(".part")) root.querySelector("[data-edit]")?.focus();
}

document.addEventListener("htmx:afterSettle", ({ target }) => {
  toSummary(target);
  toPen(target);
});

// A response may say `HX-Trigger: {"announce": "Saved"}`; reading aloud is all it does.
document.addEventListener("announce", ({ detail }) => {
  document.getElementById("live").textContent = detail.value ?? "";
});

// Ctrl or Command with Enter sends the form one is writing in.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
});

toSummary(document);
