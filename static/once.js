/* A second click does not submit a form again; the server tolerates it too. */

"use strict";

(() => {
  const PAUSE = 3000; // milliseconds; after them the form may be sent again
  const sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    const now = Date.now();
    if (now - (sent.get(event.target) ?? -PAUSE) < PAUSE) event.preventDefault();
    else sent.set(event.target, now);
  });
})();
