// Results go after six seconds, not while somebody points at them or stands on them with the keyboard.

const SHOWN = 6000;

function watch(toast) {
  let timer;
  const go = () => toast.remove();
  const start = () => (timer = setTimeout(go, SHOWN));
  const stop = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  const close = toast.querySelector("[data-close]");
  close.hidden = false;
  close.addEventListener("click", go);
  start();
}

const box = document.getElementById("toasts");
if (box) {
  box.querySelectorAll("[data-toast]").forEach(watch);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.matches?.("[data-toast]")) watch(node);
    }
  }).observe(box, { childList: true });
}
