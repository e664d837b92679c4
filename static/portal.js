// Sends every failed htmx request down the ordinary path: the link is followed, the form is submitted.
"use strict";
(() => {
  let leaving = false;
  // Some browsers fail the requests of a page that is being left; the person has already chosen where to go.
  addEventListener("beforeunload", () => { leaving = true; });
  addEventListener("pageshow", () => { leaving = false; });
  const plainly = ({ detail: { ctx } }) => {
    if (leaving || !ctx || ctx.hx?.redirect) return;
    leaving = true;
    const source = ctx.sourceElement;
    if (source.href) location.assign(source.href);
    else source.submit();
  };
  document.addEventListener("htmx:error", plainly);
  document.addEventListener("htmx:response:error", plainly);

  // Showing a password is an extra that only a script can give, so its button is made here.
  for (const box of document.querySelectorAll("input[data-show]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = box.dataset.show;
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-controls", box.id);
    button.addEventListener("click", () => {
      const hidden = box.type === "password";
      box.type = hidden ? "text" : "password";
      button.setAttribute("aria-pressed", String(hidden));
    });
    box.after(button);
    box.form.addEventListener("submit", () => { box.type = "password"; });
  }
})();
