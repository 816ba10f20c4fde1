/* Asks before a page is left whose form has texts that were typed and not sent. */

"use strict";

(() => {
  const form = document.querySelector("form.answers");
  if (!form) return;
  let isSent = false;
  form.addEventListener("submit", () => { isSent = true; });
  window.addEventListener("pageshow", () => { isSent = false; });
  window.addEventListener("beforeunload", (event) => {
    const fields = [...form.querySelectorAll("textarea, input[name]:not([type])")];
    if (!isSent && fields.some((field) => field.value.trim())) event.preventDefault();
  });
})();
