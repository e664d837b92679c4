// What only a script can do: failed htmx requests go down the ordinary path, passwords can be shown, and a warning comes before the session ends.
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

  // The end is counted from seconds that the server sent: the clock may be wrong, but it goes on, asleep too, and is the same in all tabs.
  const dialog = document.getElementById("ending");
  if (!dialog) return;
  const [stay, close] = dialog.querySelectorAll("form");
  const said = dialog.querySelector("p");
  const last = Date.now() + dialog.dataset.last * 1000;
  const tabs = new BroadcastChannel("session");
  let end = 0;
  let told = 3;
  const later = (moment) => {
    if (moment <= end) return;
    end = moment;
    told = 3;
    dialog.close();
  };
  const used = (seconds) => {
    later(Date.now() + seconds * 1000);
    tabs.postMessage(end);
  };
  const leave = () => {
    clearInterval(looking);
    location.assign(dialog.dataset.signIn);
  };
  tabs.onmessage = ({ data }) => later(Math.min(data, last));
  stay.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(stay.action, { method: "POST", body: new FormData(stay), headers: { "HX-Request": "true" } });
      const seconds = answer.headers.get("Session-Seconds");
      if (seconds) used(seconds);
      else leave();
    } catch {
      stay.submit();
    }
  });
  const look = () => {
    const minutes = Math.ceil((end - Date.now()) / 60000);
    if (minutes <= 0) leave();
    else if (minutes < told) {
      told = minutes;
      close.hidden = end < last - 1000;
      stay.hidden = !close.hidden;
      if (!dialog.open) dialog.showModal();
      said.textContent = minutes > 1 ? said.dataset.two : said.dataset.one;
    }
  };
  used(dialog.dataset.seconds);
  const looking = setInterval(look, 1000);
})();
