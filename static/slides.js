// Keys of a presentation, as people and presenter remotes press them, follow the links on the slide.
"use strict";

(() => {
  const links = document.querySelector("nav[data-first]");
  const page = document.documentElement;
  const address = (selector) => links.querySelector(selector)?.href;
  const before = () => address("[rel=prev]");
  const after = () => address("[rel=next]");
  // A slide that is higher than the window scrolls to its end first.
  const isAtTop = () => page.scrollTop <= 0;
  const isAtEnd = () => page.scrollTop + page.clientHeight >= page.scrollHeight - 1;
  const WAYS = {
    ArrowLeft: before,
    ArrowRight: after,
    PageUp: () => isAtTop() && before(),
    PageDown: () => isAtEnd() && after(),
    Home: () => links.dataset.first,
    End: () => links.dataset.last,
    Escape: () => address("[data-slide=overview]"),
  };

  document.addEventListener("keydown", (event) => {
    const {key, altKey, ctrlKey, metaKey, shiftKey} = event;
    if (altKey || ctrlKey || metaKey || shiftKey || !Object.hasOwn(WAYS, key)) return;
    const url = WAYS[key]();
    if (!url) return;
    event.preventDefault();
    location.assign(url);
  });
})();
