// What is typed stays in this tab until it is saved: a session that ends, a refusal or another language loses nothing.
// Only forms that say so with `data-kept` (the sentence that is told when something is put back); never passwords or codes.
"use strict";
{
  const STEM = "hinomi-typed ", SENT = "hinomi-sent";
  const store = {
    get: (key) => { try { return sessionStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { sessionStorage.setItem(key, value); } catch { /* full or forbidden: then nothing is kept */ } },
    keys: () => { try { return Object.keys(sessionStorage); } catch { return []; } },
    drop: (key) => { try { sessionStorage.removeItem(key); } catch { /* nothing was kept */ } },
  };
  const place = new URL(location.href);
  place.searchParams.delete("lang");
  const key = (form) => `${STEM}${document.body.dataset.person} ${place.pathname}${place.search} ${form.getAttribute("action") ?? ""}`;

  // The page that answers what was sent says whether it was saved; any other page leaves it unsaved.
  const sent = store.get(SENT);
  store.drop(SENT);
  if (sent && document.querySelector(".message.success")) store.drop(sent);

  const SECRET = ["hidden", "password", "file", "submit", "button"];
  const typed = (form) => [...form.elements].filter((one) => one.name && !SECRET.includes(one.type) && one.autocomplete !== "one-time-code");

  function fill(form, said) {
    let changed = false;
    for (const one of typed(form)) {
      const values = said.filter(([name]) => name === one.name).map(([, value]) => value);
      const [what, is] = ["checkbox", "radio"].includes(one.type) ? ["checked", values.includes(one.value)] : ["value", values[0] ?? one.value];
      changed ||= one[what] !== is;
      one[what] = is;
    }
    if (!changed) return;
    const told = document.createElement("p");
    told.className = "message";
    told.role = "status";
    told.textContent = form.dataset.kept;
    form.before(told);
    form.closest("details")?.setAttribute("open", "");
  }

  for (const form of document.querySelectorAll("form[data-kept]")) {
    const said = store.get(key(form));
    if (said) fill(form, JSON.parse(said));
    const keep = () => {
      const names = new Set(typed(form).map((one) => one.name));
      store.set(key(form), JSON.stringify([...new FormData(form)].filter(([name]) => names.has(name))));
    };
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    form.addEventListener("submit", () => store.set(SENT, key(form)));
    for (const link of form.querySelectorAll("[data-leave]")) link.addEventListener("click", () => store.drop(key(form)));
  }

  for (const form of document.querySelectorAll("form[data-forget]")) {
    form.addEventListener("submit", () => {
      for (const one of store.keys()) if (one.startsWith(STEM)) store.drop(one);
    });
  }
}
