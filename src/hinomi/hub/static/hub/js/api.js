// The API's page: hands the page's CSRF token to the list of operations, and keeps its theme that of the hub.
"use strict";

const list = document.getElementById("swagger-ui");
Object.assign(document.body.dataset, { apiCsrf: "true", csrfToken: list.dataset.token ?? "" });

const root = document.documentElement;
const night = matchMedia("(prefers-color-scheme: dark)");

function follow() {
  const chosen = root.dataset.theme;
  root.classList.toggle("dark-mode", chosen ? chosen === "dark" : night.matches);
}

night.addEventListener("change", follow);
follow();
