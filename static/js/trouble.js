// A partial update that failed says so above the content, with the request's number, and the page keeps what was typed.

const place = () => document.getElementById("trouble");

function say(text) {
  const box = place();
  if (!box) return;
  box.textContent = text;
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
}

// The composer goes on without what it asks for while one writes; offline.js says how it stands.
const offline = ({ target }) => {
  if (!target.closest?.("form[data-composer]")) say(place().dataset.offline);
};

document.addEventListener("htmx:sendError", offline);
document.addEventListener("htmx:timeout", offline);
document.addEventListener("htmx:responseError", ({ detail: { xhr, requestConfig } }) => {
  const { refused, broken } = place().dataset;
  if (xhr.status === 403 || xhr.status === 404) say(refused);
  else if (requestConfig.verb !== "get" || requestConfig.triggeringEvent) {
    say(broken.replace("{id}", xhr.getResponseHeader("X-Request-ID") ?? xhr.status));
  }
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const box = place();
  if (box && detail.xhr.status < 400) box.hidden = true;
});
