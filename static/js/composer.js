// form[data-composer]: the counters, the name on the button, a face found by name, the list of behaviours narrowed while
// typing, a sentence taken in place of what says nothing. Without it the form asks and sends the same.
import { actionLength, sentences } from "./lengths.js";

const form = document.querySelector("form[data-composer]");

function count() {
  const said = form.querySelector("[data-sentences]");
  const number = sentences(form.elements.text.value);
  said.firstElementChild.textContent = number;
  said.classList.toggle("over", number > Number(said.dataset.sentences));
  const action = form.elements.expected_action.value;
  const told = form.querySelector("[data-length]");
  const [length, most] = action.trim() ? actionLength(action) : [0, 20];
  const [now, limit, unit] = told.children;
  now.textContent = length;
  limit.textContent = most;
  unit.textContent = most === 12 ? told.dataset.words : "";
  told.classList.toggle("over", length > most);
}

function nameOnButton() {
  const chosen = form.querySelector("[name=to]:checked");
  const button = form.querySelector("[data-send]");
  if (chosen) button.textContent = button.dataset.send.replace("{name}", chosen.dataset.name);
}

// A face that was found joins the others, so that the next search does not take it away.
function keepFace(input) {
  if (!input.closest("[data-found]")) return;
  const faces = form.querySelector("[data-faces]");
  const known = faces.querySelector(`[value="${CSS.escape(input.value)}"]`);
  if (known) known.checked = true;
  else {
    faces.prepend(input.closest("label"));
    input.checked = true;
  }
  form.querySelector("[data-found]").replaceChildren();
  form.elements.find_name.value = "";
  faces.scrollTo({ left: 0 });
  (known ?? input).focus();
}

// What could be better is never for the wall.
function keepOffTheWall() {
  const growth = form.elements.nature.value === "constructive";
  const everyone = form.querySelector("[name=visibility][value=everyone]");
  everyone.disabled = growth;
  if (growth && everyone.checked) form.querySelector("[name=visibility][value=manager]").checked = true;
}

function narrow(typed) {
  const wanted = typed.replace(/\s+/gu, "").toLowerCase();
  for (const group of form.querySelectorAll("[data-tags]")) {
    let shown = 0;
    for (const tag of group.querySelectorAll("[data-search]")) {
      tag.hidden = !tag.dataset.search.split(" ").some((word) => word.includes(wanted)) && !tag.querySelector(":checked");
      shown += tag.hidden ? 0 : 1;
    }
    group.hidden = shown === 0;
  }
}

// Who reads it is asked of the server for each receiver. Without network it is said without names, not with wrong ones.
function sayReadersWithoutNames() {
  for (const input of form.querySelectorAll("[name=visibility][data-plain]")) {
    input.parentElement.querySelector("span").textContent = input.dataset.plain;
  }
}

// A choice made while the next ones were on their way stands in them as well.
const DEPENDS = ["goals", "evidence", "visibility"].map((name) => `[name=${name}]`).join();
let chosen = [];

function rememberChosen() {
  chosen = Array.from(form.querySelectorAll(DEPENDS)).filter((input) => input.checked);
}

function chooseAgain() {
  for (const { name, value } of chosen) {
    const input = form.querySelector(`[name=${name}][value="${CSS.escape(value)}"]`);
    if (input) input.checked = true;
  }
}

// A screenshot that was copied goes in where one writes.
function paste(event) {
  const copied = Array.from(event.clipboardData?.files ?? []).find(({ type }) => type.startsWith("image/"));
  const { picture } = form.elements;
  if (!copied || !picture) return;
  event.preventDefault();
  const files = new DataTransfer();
  files.items.add(copied);
  picture.files = files.files;
  picture.dispatchEvent(new Event("change", { bubbles: true }));
}

// What was chosen by mistake is not sent with the rest.
function sayWhatIsChosen(input) {
  const said = input.closest("label").querySelector("[data-chosen]");
  said.dataset.plain ??= said.textContent;
  said.textContent = input.files[0]?.name ?? said.dataset.plain;
  form.querySelector(`[data-unchoose="${input.name}"]`).hidden = !input.files.length;
}

function takeOut(button) {
  const input = form.elements[button.dataset.unchoose];
  input.value = "";
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
}

function tell(target) {
  if (target.name === "to") {
    keepFace(target);
    nameOnButton();
  }
  if (target.name === "nature") keepOffTheWall();
  if (target.type === "file") sayWhatIsChosen(target);
  count();
}

if (form) {
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, ({ target }) => {
      if (target.matches("[data-narrow]")) narrow(target.value);
      else tell(target);
    });
  }
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input[type=search]")) event.preventDefault();
  });
  document.addEventListener("paste", paste);
  form.addEventListener("htmx:sendError", ({ target }) => {
    if (target.id === "compose-goals") sayReadersWithoutNames();
  });
  form.addEventListener("click", (event) => {
    const unchosen = event.target.closest("[data-unchoose]");
    if (unchosen) takeOut(unchosen);
    const button = event.target.closest("[data-instead]");
    if (!button) return;
    event.preventDefault();
    const { text } = form.elements;
    text.value = button.value;
    text.focus();
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("htmx:beforeSwap", rememberChosen);
  for (const swapped of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
    document.addEventListener(swapped, () => {
      chooseAgain();
      keepOffTheWall();
    });
  }
  for (const field of form.querySelectorAll("[data-narrow]")) field.hidden = false;
  count();
  nameOnButton();
  keepOffTheWall();
}
