// Says beside a link or button of a file that it is being made, for how long, and asks again while
// others are served. Without this script the browser waits, and a page of the server says the same.
"use strict";

(() => {
  const SECOND = 1000;
  const MAKING = "ファイルを作成しています。数十秒かかることがあります。";
  const WAITING = "順番を待っています。この画面のままお待ちください。";
  const DONE = "ファイルを受け取りました。";
  const BROKEN = "ファイルを受け取れませんでした。通信を確かめて、もう一度押してください。";
  const underWay = new Set();

  const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * SECOND));

  function noteBeside(place) {
    const old = place.parentElement.querySelector(":scope > .making");
    if (old) return old;
    const note = document.createElement("p");
    note.className = "making";
    note.setAttribute("role", "status");
    place.after(note);
    return note;
  }

  function nameOf(response) {
    const header = response.headers.get("Content-Disposition") ?? "";
    const name = header.split("filename*=UTF-8''")[1];
    return name ? decodeURIComponent(name) : "";
  }

  async function save(response) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = nameOf(response);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60 * SECOND);
  }

  async function receive(address, say) {
    for (;;) {
      say(MAKING);
      const response = await fetch(address, { credentials: "same-origin" });
      if (nameOf(response)) return save(response);
      const seconds = Number(response.headers.get("Refresh"));
      if (!seconds) return location.assign(address); // a page that explains the error
      say(WAITING);
      await pause(seconds);
    }
  }

  async function make(address, place) {
    if (underWay.has(address)) return;
    underWay.add(address);
    const note = noteBeside(place);
    const text = document.createElement("span");
    const clock = document.createElement("span");
    clock.setAttribute("aria-hidden", "true"); // screen readers should not announce every second
    note.replaceChildren(text, clock);
    const began = Date.now();
    const tick = setInterval(() => {
      clock.textContent = `（${Math.round((Date.now() - began) / SECOND)}秒）`;
    }, SECOND);
    const say = (words) => {
      if (text.textContent !== words) text.textContent = words;
    };
    try {
      await receive(address, say);
      say(DONE);
    } catch {
      say(BROKEN);
    } finally {
      clearInterval(tick);
      underWay.delete(address);
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-file]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    make(link.href, link.closest(".actions") ?? link);
  });

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.matches("[data-file]")) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(event.target, button));
    make(`${location.pathname}?${fields}`, button.closest(".buttons") ?? button);
  });
})();
