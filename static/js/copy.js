// A button with data-copy="id" puts the text of that element on the clipboard, and says so for two seconds.

const SAID = 2000;

async function toClipboard(element) {
  try {
    await navigator.clipboard.writeText(element.textContent.trim());
  } catch { // served without https, or not allowed: then what is selected can still be copied
    getSelection().selectAllChildren(element);
    document.execCommand("copy");
  }
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
