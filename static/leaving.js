/* Asks before a page is left with a form into which something was typed that was not sent, or that
   the page shows again because it was not saved. Forms that keep it by themselves
   (entry_keeping.js) are left out, and so are ticks in lists and chosen files: quickly set again. */

"use strict";

(() => {
  const main = document.getElementById("main");
  const forms = [...main.querySelectorAll("form[method=post]:not([data-kept])")];
  const isAnswer = "answer" in main.dataset; // texts that were sent are what the page was made with
  const TYPED = "textarea, select, input:not([type=hidden], [type=file], [type=submit])";

  const isTick = (field) => ["checkbox", "radio"].includes(field.type);
  const isUnsaved = (form) => [...form.elements].some((field) => {
    if (!field.name || !field.matches(TYPED)) return false;
    if (isTick(field)) return !form.classList.contains("answers") && isChanged(field);
    return isChanged(field) || (isAnswer && field.value.trim() !== "");
  });

  let sent = null; // the form that was sent last; what is typed after that has to be sent, too
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sent = event.target;
  });
  document.addEventListener("input", () => { sent = null; });
  window.addEventListener("pageshow", () => { sent = null; });
  window.addEventListener("beforeunload", (event) => {
    // Before anybody has clicked or typed on the page, the browser does not ask, and complains.
    if (navigator.userActivation?.hasBeenActive === false) return;
    if (forms.some((form) => form !== sent && isUnsaved(form))) event.preventDefault();
  });
})();
