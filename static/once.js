/* A second click on the button of a form sends it no second time. The server stands it as well. */

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
