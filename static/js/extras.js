// data-when on a field: it is asked only while the field of that name says data-equals. Without this every field is
// there, and the server leaves out what nobody was asked for.

const said = (field) => (field?.type === "checkbox" ? String(field.checked) : (field?.value ?? "").trim());

function same(one, other) {
  const numbers = [one, other].map((text) => (text.trim() === "" ? NaN : Number(text.replace(/[,，]/gu, ""))));
  return one === other || (numbers.every(Number.isFinite) && numbers[0] === numbers[1]);
}

function show(form) {
  const gone = new Set(); // a field that is not asked says nothing to those below it
  for (const field of form.querySelectorAll("[data-when]")) {
    const above = form.elements.namedItem(field.dataset.when);
    const asked = above && !gone.has(field.dataset.when) && same(said(above), field.dataset.equals);
    if (!asked) gone.add(field.name);
    const box = field.closest(".pair") ?? field;
    box.hidden = !asked;
  }
}

function start(root) {
  const forms = new Set(Array.from(root.querySelectorAll("[data-when]"), (field) => field.form));
  for (const form of forms) if (form) show(form);
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.form?.querySelector("[data-when]")) show(target.form);
  });
}
start(document);
document.addEventListener("htmx:load", ({ target }) => start(target));
