// Small comforts; every page works without them.
"use strict";

// Rows by keyboard: arrows or j/k move between the rows' links, Home and End go to the ends.
for (const table of document.querySelectorAll("table[data-rows]")) {
  const links = [...table.querySelectorAll("tbody tr")].map((row) => row.querySelector("a[href]")).filter(Boolean);
  table.addEventListener("keydown", (event) => {
    const here = links.indexOf(event.target.closest("tr")?.querySelector("a[href]"));
    const to = { ArrowDown: here + 1, j: here + 1, ArrowUp: here - 1, k: here - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey || !links[to]) return;
    event.preventDefault();
    links[to].focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "j" && event.target === document.body && links.length) { event.preventDefault(); links[0].focus(); }
  });
}

// Columns: which are shown is remembered in this browser.
for (const box of document.querySelectorAll("[data-columns]")) {
  const name = "hinomi-columns-" + box.dataset.columns;
  const table = document.querySelector(`[data-table="${box.dataset.columns}"]`);
  if (!table) continue;
  const heads = [...table.tHead.rows[0].cells];
  let hidden = [];
  try { hidden = JSON.parse(localStorage.getItem(name)) || []; } catch { hidden = []; }
  const show = () => {
    for (const row of table.rows) {
      heads.forEach((head, at) => row.cells[at]?.classList.toggle("hidden-column", hidden.includes(head.dataset.column)));
    }
  };
  for (const head of heads) {
    if (!head.dataset.column) continue;
    const label = document.createElement("label");
    const check = document.createElement("input");
    label.className = "check";
    check.type = "checkbox";
    check.checked = !hidden.includes(head.dataset.column);
    check.addEventListener("change", () => {
      hidden = hidden.filter((one) => one !== head.dataset.column);
      if (!check.checked) hidden.push(head.dataset.column);
      try { localStorage.setItem(name, JSON.stringify(hidden)); } catch { /* a private window forgets */ }
      show();
    });
    label.append(check, head.innerText.replace("↓", "").trim());
    box.append(label);
  }
  show();
}

// The first press of the theme button means "the other one", which only the browser knows.
const other = document.querySelector('button[name="theme"][value="other"]');
if (other) other.value = matchMedia("(prefers-color-scheme: dark)").matches ? "light" : "dark";

// A file fills the box beside it; it is not sent before the person has seen it.
for (const input of document.querySelectorAll("input[data-fill]")) {
  const target = document.querySelector(`[name="${input.dataset.fill}"]`);
  input.hidden = false;
  input.addEventListener("change", async () => { if (input.files[0]) target.value = await input.files[0].text(); });
}

// The present page is in sight in a navigation that is wider than the telephone.
const here = document.querySelector(".nav [aria-current]");
if (here) here.closest(".nav").scrollLeft = here.offsetLeft - 16;

// A capture may be dropped on its form.
for (const input of document.querySelectorAll('input[type=file][name="capture"]')) {
  const place = input.form;
  for (const name of ["dragenter", "dragover"]) place.addEventListener(name, (event) => { event.preventDefault(); place.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) place.addEventListener(name, () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => { event.preventDefault(); input.files = event.dataTransfer.files; });
}
