// Remember at once which messages are ticked, so that a tick outlives a look at a message.
for (const form of document.querySelectorAll("form[data-remembers]")) {
  form.addEventListener("change", ({ target }) => {
    if (target.name === "message") {
      fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: true });
    }
  });
}
