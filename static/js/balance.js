// data-balance="100" around the weights of one owner: they stay at that together as one is dragged or typed. The one that was
// set longest ago gives way first, then the next; the server counts again. In hundredths, so that no rounding is lost.

const touched = new WeakMap(); // input -> when it was set last
let turn = 0;

const inputs = (box) => Array.from(box.querySelectorAll("input[data-weight]"));
const slide = (input) => input.parentElement.querySelector("[data-slide]");
const hundredths = (text) => Math.round(Number(String(text).normalize("NFKC").replace(/[%％,，\s]/gu, "")) * 100);
const whole = (box) => hundredths(box.dataset.balance || "100");
const fixed = (box) => Array.from(box.querySelectorAll("[data-fixed]")).reduce((sum, one) => sum + hundredths(one.dataset.fixed), 0);

function show(box) {
  const all = inputs(box);
  const sum = all.reduce((total, input) => total + (hundredths(input.value) || 0), fixed(box));
  const total = box.querySelector("[data-total]");
  total.textContent = `${sum / 100}%`;
  total.classList.toggle("over", sum !== whole(box));
  for (const input of all) if (slide(input)) slide(input).value = input.value;
}

function write(input, value) {
  input.value = String(value / 100);
}

function balance(box, set) {
  const room = whole(box) - fixed(box);
  const value = Math.min(Math.max(hundredths(set.value) || 0, 0), room);
  touched.set(set, (turn += 1));
  write(set, value);
  const others = inputs(box).filter((input) => input !== set);
  others.sort((one, other) => (touched.get(one) ?? 0) - (touched.get(other) ?? 0));
  let left = room - value - others.reduce((sum, input) => sum + (hundredths(input.value) || 0), 0);
  for (const input of others) {
    const before = hundredths(input.value) || 0;
    const after = Math.max(before + left, 0);
    left -= after - before;
    if (after !== before) write(input, after);
  }
  show(box);
}

function start(root) {
  for (const box of root.querySelectorAll("[data-balance]")) {
    for (const part of box.querySelectorAll("[data-slide], [data-scripted]")) part.hidden = false;
    show(box);
  }
}

document.addEventListener("input", ({ target }) => {
  const box = target.closest("[data-balance]");
  if (!box) return;
  if (target.matches("[data-slide]")) {
    const input = target.parentElement.querySelector("input[data-weight]");
    input.value = target.value;
    balance(box, input);
  } else if (target.matches("[data-weight]")) show(box); // while typing, the others wait
});
document.addEventListener("change", ({ target, isTrusted }) => {
  const box = target.closest("[data-balance]");
  if (!box || !target.matches("[data-weight]")) return;
  if (isTrusted && Number.isFinite(hundredths(target.value))) balance(box, target);
  else show(box); // put back from a draft: every weight is as it was left
});
start(document);
document.addEventListener("htmx:load", ({ target }) => start(target));
