// data-tap on a form: a tap on one of its options sends it. Arrow keys only choose, so that a keyboard can look at all of
// them first; Enter or the button sends.

document.addEventListener("click", ({ target, detail }) => {
  const form = detail > 0 && target.closest("form[data-tap]");
  if (!form || !target.closest("label")) return;
  // The label passes the click on to its option after this; by the next turn it is chosen.
  setTimeout(() => {
    if (form.isConnected && form.checkValidity()) form.requestSubmit();
  });
});
