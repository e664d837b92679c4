// Passkeys: asks the browser for what a form needs, puts the answer into the form and sends it.
"use strict";
(() => {
  const able = isSecureContext && window.PublicKeyCredential?.parseCreationOptionsFromJSON && window.PublicKeyCredential?.parseRequestOptionsFromJSON;
  const asked = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    const answer = await fetch(form.dataset.optionsUrl, { method: "POST", body, redirect: "manual" });
    // Too long ago that the person proved who they are: the page itself leads to where they can.
    if (answer.type === "opaqueredirect") location.reload();
    if (!answer.ok) throw new Error("no options");
    return answer.json();
  };
  const made = async (form) => {
    const options = await asked(form);
    const { credentials } = navigator;
    return form.dataset.passkey === "create"
      ? credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const told = form.querySelector("[aria-live]");
    const { host, failed, unable } = form.dataset;
    if (!able || !(location.hostname === host || location.hostname.endsWith(`.${host}`))) {
      told.textContent = unable;
      continue;
    }
    form.hidden = false;
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy) return;
      busy = true;
      told.textContent = "";
      try {
        form.elements.credential.value = JSON.stringify((await made(form)).toJSON());
        form.submit();
      } catch {
        told.textContent = failed;
        busy = false;
      }
    });
  }
})();
