// Passkeys: a form with data-passkey shows itself where the browser can, asks the device, and sends what it says.
// Without this script the form stays away: every other way in works without one.
(() => {
  const forms = document.querySelectorAll("form[data-passkey]");
  const able = window.isSecureContext && "PublicKeyCredential" in window;
  if (!able) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  const text = (buffer) => {
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const created = async ({ publicKey }) => {
    const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
    options.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
    options.excludeCredentials = known(publicKey.excludeCredentials);
    const made = await navigator.credentials.create({ publicKey: options });
    const { clientDataJSON, attestationObject } = made.response;
    return asked(made, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) });
  };

  const shown = async ({ publicKey }) => {
    const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
    options.allowCredentials = known(publicKey.allowCredentials);
    const found = await navigator.credentials.get({ publicKey: options });
    const { clientDataJSON, authenticatorData, signature, userHandle } = found.response;
    return asked(found, {
      clientDataJSON: text(clientDataJSON),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    });
  };

  const asked = (one, response) => ({
    id: one.id,
    rawId: text(one.rawId),
    type: one.type,
    clientExtensionResults: one.getClientExtensionResults(),
    response,
  });

  const options = async (form) => {
    const here = document.getElementById("passkey-data");
    if (here) return JSON.parse(here.textContent);
    const headers = { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" };
    return (await fetch(form.action, { headers })).json();
  };

  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const no = form.querySelector("[data-passkey-no]");
      if (no) no.hidden = true;
      try {
        const all = await options(form);
        const made = form.dataset.passkey === "create";
        const answer = made ? await created(all.creation_options) : await shown(all.request_options);
        form.elements.credential.value = JSON.stringify(answer);
        form.submit();
      } catch {
        if (no) no.hidden = false;
      }
    });
  }
  for (const sorry of document.querySelectorAll("[data-passkey-none]")) sorry.hidden = true;
})();
