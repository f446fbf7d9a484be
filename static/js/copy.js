// A button with data-copy="id" puts the text of that element on the clipboard, and says so for two seconds.

const SAID = 2000;

async function toClipboard(element) {
  if (navigator.clipboard) return navigator.clipboard.writeText(element.textContent.trim());
  getSelection().selectAllChildren(element); // a page served without https has no clipboard, only copying what is chosen
  document.execCommand("copy");
}

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  await toClipboard(document.getElementById(button.dataset.copy));
  const words = button.querySelector("span");
  document.getElementById("live").textContent = button.dataset.done;
  if (words.textContent === button.dataset.done) return;
  const before = words.textContent;
  words.textContent = button.dataset.done;
  setTimeout(() => (words.textContent = before), SAID);
});
