// data-guard on a form: a second tap while the first is on its way sends nothing.
// The buttons come alive again when the page is shown anew (Back) or a partial request has ended, well or not.

function hold(form) {
  form.dataset.busy = "";
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    button.setAttribute("aria-disabled", "true");
  }
}

function release(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("form[data-guard]")) return;
    if ("busy" in form.dataset) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    hold(form);
  },
  true, // before htmx, which listens on the form itself
);

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.elt.closest("form[data-guard]");
  if (form) release(form);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-busy]")) release(form);
});
