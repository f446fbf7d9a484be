// A file drop zone shows what was chosen; a form with data-upload shows how much has gone, where htmx sends it.

document.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  const said = target.closest("[data-drop]")?.querySelector("[data-chosen]");
  const file = target.files[0];
  if (said && file) said.textContent = `${file.name} · ${size(file.size)}`;
});

for (const [name, on] of [
  ["dragenter", true],
  ["dragover", true],
  ["dragleave", false],
  ["drop", false],
]) {
  document.addEventListener(name, ({ target }) => target.closest?.("[data-drop]")?.classList.toggle("over", on));
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  const bar = target.closest("form[data-upload]")?.querySelector("progress");
  if (!bar || !detail.lengthComputable) return;
  bar.hidden = false;
  bar.max = detail.total;
  bar.value = detail.loaded;
});

document.addEventListener("htmx:afterRequest", ({ target }) => {
  const bar = target.closest?.("form[data-upload]")?.querySelector("progress");
  if (bar) bar.hidden = true;
});
